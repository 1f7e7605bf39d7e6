<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>About Inferoscope</source>
        <translation>Inferoscope について</translation>
    </message>
    <message>
        <source>An oscilloscope for vision models.</source>
        <translation>画像認識モデルのためのオシロスコープ。</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>バージョン {version}</translation>
    </message>
    <message>
        <source>Licence: Apache 2.0. Qt is used under the LGPL 3.0: its libraries lie beside the program as files of their own and may be replaced.</source>
        <translation>ライセンス: Apache 2.0。Qt は LGPL 3.0 に基づいて使用しています。Qt のライブラリは独立したファイルとしてプログラムの横にあり、差し替えることができます。</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>使用ソフトウェア</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>ライセンス</translation>
    </message>
    <message>
        <source>The licences of everything that Inferoscope is made of</source>
        <translation>Inferoscope に含まれるすべてのもののライセンス</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>ファイル(&amp;F)</translation>
    </message>
    <message>
        <source>Open &amp;source…</source>
        <translation>ソースを開く(&amp;S)…</translation>
    </message>
    <message>
        <source>Choose a camera, a file, an address or a screen for the selected tile.</source>
        <translation>選択中のタイルに表示するカメラ、ファイル、アドレス、画面を選びます。</translation>
    </message>
    <message>
        <source>Open &amp;model…</source>
        <translation>モデルを開く(&amp;M)…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file for the selected tile.</source>
        <translation>選択中のタイルに使う ONNX または OpenVINO ファイルを選びます。</translation>
    </message>
    <message>
        <source>Add a &amp;tile…</source>
        <translation>タイルを追加(&amp;T)…</translation>
    </message>
    <message>
        <source>Open one more source beside the others.</source>
        <translation>別のソースを並べて開きます。</translation>
    </message>
    <message>
        <source>Re&amp;name the tile…</source>
        <translation>タイル名を変更(&amp;N)…</translation>
    </message>
    <message>
        <source>Give the selected tile a name of your own.</source>
        <translation>選択中のタイルに好きな名前を付けます。</translation>
    </message>
    <message>
        <source>&amp;Close the tile</source>
        <translation>タイルを閉じる(&amp;C)</translation>
    </message>
    <message>
        <source>Stop the selected tile and remove it.</source>
        <translation>選択中のタイルを停止して取り除きます。</translation>
    </message>
    <message>
        <source>Open a s&amp;ession…</source>
        <translation>セッションを開く(&amp;E)…</translation>
    </message>
    <message>
        <source>Go on with tiles, models and thresholds that were saved as a file.</source>
        <translation>ファイルに保存したタイル、モデル、しきい値で続けます。</translation>
    </message>
    <message>
        <source>Save the sessi&amp;on as…</source>
        <translation>名前を付けてセッションを保存(&amp;O)…</translation>
    </message>
    <message>
        <source>Save tiles, models and thresholds as a file.</source>
        <translation>タイル、モデル、しきい値をファイルに保存します。</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>終了(&amp;Q)</translation>
    </message>
    <message>
        <source>End the program.</source>
        <translation>プログラムを終了します。</translation>
    </message>
    <message>
        <source>&amp;Stream</source>
        <translation>ストリーム(&amp;S)</translation>
    </message>
    <message>
        <source>Start or s&amp;top</source>
        <translation>開始／停止(&amp;T)</translation>
    </message>
    <message>
        <source>Start the selected stream, or stop it.</source>
        <translation>選択中のストリームを開始または停止します。</translation>
    </message>
    <message>
        <source>St&amp;art all</source>
        <translation>すべて開始(&amp;A)</translation>
    </message>
    <message>
        <source>Start every stream that does not run.</source>
        <translation>動いていないストリームをすべて開始します。</translation>
    </message>
    <message>
        <source>Stop a&amp;ll</source>
        <translation>すべて停止(&amp;L)</translation>
    </message>
    <message>
        <source>Stop every stream.</source>
        <translation>すべてのストリームを停止します。</translation>
    </message>
    <message>
        <source>&amp;Play or pause</source>
        <translation>再生／一時停止(&amp;P)</translation>
    </message>
    <message>
        <source>Hold the picture of a file, or go on.</source>
        <translation>ファイルの映像を止める、または続けます。</translation>
    </message>
    <message>
        <source>Next &amp;frame</source>
        <translation>次のフレーム(&amp;F)</translation>
    </message>
    <message>
        <source>Hold the picture and show the next frame.</source>
        <translation>映像を止めて次のフレームを表示します。</translation>
    </message>
    <message>
        <source>Pre&amp;vious frame</source>
        <translation>前のフレーム(&amp;V)</translation>
    </message>
    <message>
        <source>Hold the picture and show the frame before.</source>
        <translation>映像を止めて前のフレームを表示します。</translation>
    </message>
    <message>
        <source>Forward five seconds</source>
        <translation>5 秒進む</translation>
    </message>
    <message>
        <source>Go five seconds further in a file.</source>
        <translation>ファイルを 5 秒先へ進めます。</translation>
    </message>
    <message>
        <source>Back five seconds</source>
        <translation>5 秒戻る</translation>
    </message>
    <message>
        <source>Go five seconds back in a file.</source>
        <translation>ファイルを 5 秒前へ戻します。</translation>
    </message>
    <message>
        <source>&amp;Snapshot</source>
        <translation>スナップショット(&amp;S)</translation>
    </message>
    <message>
        <source>Save the picture of the selected tile.</source>
        <translation>選択中のタイルの画像を保存します。</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>録画(&amp;R)</translation>
    </message>
    <message>
        <source>Begin to record the selected tile, or end it.</source>
        <translation>選択中のタイルの録画を開始または終了します。</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>表示(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Live</source>
        <translation>ライブ(&amp;L)</translation>
    </message>
    <message>
        <source>Pictures and traces.</source>
        <translation>映像とトレース。</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>モデル(&amp;M)</translation>
    </message>
    <message>
        <source>Your models, and models to download.</source>
        <translation>マイモデルと、ダウンロードできるモデル。</translation>
    </message>
    <message>
        <source>&amp;Optimise</source>
        <translation>最適化(&amp;O)</translation>
    </message>
    <message>
        <source>Make a model smaller and faster, and see what that costs.</source>
        <translation>モデルを小さく速くし、その代償を確かめます。</translation>
    </message>
    <message>
        <source>S&amp;ettings</source>
        <translation>設定(&amp;E)</translation>
    </message>
    <message>
        <source>Everything that can be chosen about the program.</source>
        <translation>プログラムについて選べる項目のすべて。</translation>
    </message>
    <message>
        <source>Show &amp;what was found</source>
        <translation>検出結果を表示(&amp;W)</translation>
    </message>
    <message>
        <source>Draw boxes, masks and labels over the pictures, or hide them.</source>
        <translation>映像に重ねるボックス、マスク、ラベルの表示を切り替えます。</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>全画面表示(&amp;U)</translation>
    </message>
    <message>
        <source>Nothing but the pictures; Escape leads back.</source>
        <translation>映像だけを表示します。Esc キーで戻ります。</translation>
    </message>
    <message>
        <source>Enlar&amp;ge the tile</source>
        <translation>タイルを拡大(&amp;G)</translation>
    </message>
    <message>
        <source>Let the selected tile fill the picture area, or show all again.</source>
        <translation>選択中のタイルを表示領域いっぱいに広げる、またはすべて表示に戻します。</translation>
    </message>
    <message>
        <source>&amp;Next tile</source>
        <translation>次のタイル(&amp;N)</translation>
    </message>
    <message>
        <source>Select the next tile.</source>
        <translation>次のタイルを選択します。</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>拡大(&amp;I)</translation>
    </message>
    <message>
        <source>Show a smaller part of the picture, larger.</source>
        <translation>映像の一部を大きく表示します。</translation>
    </message>
    <message>
        <source>&amp;Zoom out</source>
        <translation>縮小(&amp;Z)</translation>
    </message>
    <message>
        <source>Show a larger part of the picture, smaller.</source>
        <translation>映像をより広く表示します。</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>全体を表示(&amp;F)</translation>
    </message>
    <message>
        <source>Show the whole picture.</source>
        <translation>映像全体を表示します。</translation>
    </message>
    <message>
        <source>Model &amp;panel</source>
        <translation>モデルパネル(&amp;P)</translation>
    </message>
    <message>
        <source>Show or hide the panel beside the pictures.</source>
        <translation>映像の横のパネルの表示を切り替えます。</translation>
    </message>
    <message>
        <source>&amp;Traces</source>
        <translation>トレース(&amp;T)</translation>
    </message>
    <message>
        <source>Show or hide the traces below the pictures.</source>
        <translation>映像の下のトレースの表示を切り替えます。</translation>
    </message>
    <message>
        <source>Pro&amp;blems</source>
        <translation>問題(&amp;B)</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it.</source>
        <translation>起きた問題とその対処方法。</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>ヘルプ(&amp;H)</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>デモを試す(&amp;D)</translation>
    </message>
    <message>
        <source>Play the demo that comes with the program, in an empty tile or a new one.</source>
        <translation>付属のデモを、空きタイルまたは新しいタイルで再生します。</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>マニュアル(&amp;M)</translation>
    </message>
    <message>
        <source>How to use the program, and what each message means.</source>
        <translation>プログラムの使い方と、各メッセージの意味。</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>キーボードショートカット(&amp;K)</translation>
    </message>
    <message>
        <source>All shortcuts on one page.</source>
        <translation>すべてのショートカットを 1 ページで。</translation>
    </message>
    <message>
        <source>Open the &amp;log folder</source>
        <translation>ログフォルダーを開く(&amp;L)</translation>
    </message>
    <message>
        <source>Where the program writes down what it did.</source>
        <translation>プログラムが動作を記録する場所。</translation>
    </message>
    <message>
        <source>Save d&amp;iagnostics…</source>
        <translation>診断情報を保存(&amp;I)…</translation>
    </message>
    <message>
        <source>Save what others need to help, without names, folders and passwords.</source>
        <translation>問題の解決に必要な情報を、名前、フォルダー、パスワードを除いて保存します。</translation>
    </message>
    <message>
        <source>&amp;About Inferoscope</source>
        <translation>Inferoscope について(&amp;A)</translation>
    </message>
    <message>
        <source>Version and licences.</source>
        <translation>バージョンとライセンス。</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Cancel loading; what ran before goes on</source>
        <translation>読み込みを中止します。それまでのモデルはそのまま動き続けます</translation>
    </message>
    <message>
        <source>Cancel loading</source>
        <translation>読み込みを中止</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>読み込みの進み具合</translation>
    </message>
    <message>
        <source>What really runs</source>
        <translation>実際の動作</translation>
    </message>
    <message>
        <source>What really runs: {words}</source>
        <translation>実際の動作: {words}</translation>
    </message>
    <message>
        <source>What really runs, as the runtime tells it. Click for the whole report.</source>
        <translation>ランタイムから読み取った実際の動作です。クリックすると詳しいレポートを表示します。</translation>
    </message>
    <message>
        <source>Execution report</source>
        <translation>実行レポート</translation>
    </message>
</context>
<context>
    <name>CheatSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>キーボードショートカット</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source> or </source>
        <translation> または </translation>
    </message>
</context>
<context>
    <name>Correction</name>
    <message>
        <source>Decides how the numbers that the model gives are read.</source>
        <translation>モデルが出力する数値の読み方を決めます。</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>不明</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>ファミリー</translation>
    </message>
    <message>
        <source>The file fixes it.</source>
        <translation>ファイルで決まっています。</translation>
    </message>
    <message>
        <source>Reading the class names</source>
        <translation>クラス名を読み込み中</translation>
    </message>
    <message>
        <source>Keeping the correction</source>
        <translation>修正を保存中</translation>
    </message>
    <message>
        <source>Forgetting the correction</source>
        <translation>修正を破棄中</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>モデルを読み込み中</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>モデルを判別中</translation>
    </message>
    <message>
        <source>Start the stream to see a preview.</source>
        <translation>プレビューを見るにはストリームを開始してください。</translation>
    </message>
    <message>
        <source>it was not recognised</source>
        <translation>判別できませんでした</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>失敗しました</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>画像を解析中</translation>
    </message>
    <message>
        <source>Now: {now}. Before: {before}.</source>
        <translation>現在: {now}。変更前: {before}。</translation>
    </message>
    <message>
        <source>Their number is not known.</source>
        <translation>クラス数がわかりません。</translation>
    </message>
    <message>
        <source>Now {count}, from {source}: {names} …</source>
        <translation>現在 {count} クラス（{source} より）: {names} …</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>Width x height of the picture that the model is given, in pixels.</source>
        <translation>モデルに渡す画像の幅 × 高さ（ピクセル）。</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>バッチ</translation>
    </message>
    <message>
        <source>Pictures in one run.</source>
        <translation>1 回の実行で処理する画像の数。</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>合わせ方</translation>
    </message>
    <message>
        <source>How a picture of another shape gets into that size.</source>
        <translation>縦横比の違う画像をこのサイズに合わせる方法。</translation>
    </message>
    <message>
        <source>Border</source>
        <translation>余白</translation>
    </message>
    <message>
        <source>Colour round a letterboxed picture, 0 to 255: one number, or blue, green, red.</source>
        <translation>レターボックスの余白の色（0～255）。数値 1 つ、または青・緑・赤の順に 3 つ。</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>色順</translation>
    </message>
    <message>
        <source>Order of the colours that the model expects.</source>
        <translation>モデルが期待する色チャンネルの順序。</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>Taken away from each pixel (0 to 255): one number, or one for each colour.</source>
        <translation>各ピクセル（0～255）から引く値。1 つ、または色ごとに 1 つ。</translation>
    </message>
    <message>
        <source>Divisor</source>
        <translation>除数</translation>
    </message>
    <message>
        <source>Each pixel is divided by it afterwards; 255 makes 0 to 1, 1 leaves 0 to 255.</source>
        <translation>そのあと各ピクセルを割る値。255 なら 0～1、1 なら 0～255 のままになります。</translation>
    </message>
    <message>
        <source>Number of classes</source>
        <translation>クラス数</translation>
    </message>
    <message>
        <source>Scores for each box.</source>
        <translation>各ボックスに対するスコアの数。</translation>
    </message>
    <message>
        <source>A row for each box</source>
        <translation>1 行に 1 ボックス</translation>
    </message>
    <message>
        <source>On: boxes are rows of the output. Off: boxes are columns.</source>
        <translation>オン: 出力の行がボックス。オフ: 列がボックス。</translation>
    </message>
    <message>
        <source>Boxes relative to the grid</source>
        <translation>グリッド基準のボックス</translation>
    </message>
    <message>
        <source>On: boxes are offsets from cells of a grid. Off: boxes are in pixels already.</source>
        <translation>オン: ボックスはグリッドのセルからの差分。オフ: すでにピクセル単位。</translation>
    </message>
    <message>
        <source>Strides</source>
        <translation>ストライド</translation>
    </message>
    <message>
        <source>Pixels between neighbouring cells of each grid, with commas.</source>
        <translation>各グリッドの隣り合うセルの間隔（ピクセル）。コンマ区切り。</translation>
    </message>
    <message>
        <source>Steps of a box side</source>
        <translation>ボックス辺の段階数</translation>
    </message>
    <message>
        <source>Largest value of the distribution that a side of a box is read from (reg_max).</source>
        <translation>ボックスの辺を読み取る分布の最大値（reg_max）。</translation>
    </message>
    <message>
        <source>Scores are logits</source>
        <translation>スコアはロジット</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a sigmoid.</source>
        <translation>オン: スコアをシグモイドで 0～1 に変換する必要があります。</translation>
    </message>
    <message>
        <source>Count from the centre of a cell</source>
        <translation>セルの中心から数える</translation>
    </message>
    <message>
        <source>On: boxes count from the centre of a cell. Off: from its corner, as in NanoDet-Plus.</source>
        <translation>オン: セルの中心から数えます。オフ: NanoDet-Plus のようにセルの角から数えます。</translation>
    </message>
    <message>
        <source>Number of the first class</source>
        <translation>最初のクラスの番号</translation>
    </message>
    <message>
        <source>1 where the model counts its classes from 1, or has a background class before them.</source>
        <translation>クラスを 1 から数えるモデルや、前に背景クラスがあるモデルでは 1。</translation>
    </message>
    <message>
        <source>Boxes from 0 to 1</source>
        <translation>ボックスは 0～1</translation>
    </message>
    <message>
        <source>On: boxes are shares of the picture. Off: they are pixels.</source>
        <translation>オン: ボックスは画像に対する割合。オフ: ピクセル単位。</translation>
    </message>
    <message>
        <source>Last class is “no object”</source>
        <translation>最後のクラスは「物体なし」</translation>
    </message>
    <message>
        <source>On: the last class means that there is nothing, as in DETR.</source>
        <translation>オン: DETR のように、最後のクラスは何もないことを表します。</translation>
    </message>
    <message>
        <source>Order in a box</source>
        <translation>ボックスの数値の順序</translation>
    </message>
    <message>
        <source>Which number of a box is which.</source>
        <translation>ボックスの数値がそれぞれ何を表すか。</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>キーポイント</translation>
    </message>
    <message>
        <source>Keypoints of each object.</source>
        <translation>各物体のキーポイントの数。</translation>
    </message>
    <message>
        <source>Numbers of a keypoint</source>
        <translation>キーポイントの数値の数</translation>
    </message>
    <message>
        <source>2: x and y. 3: a score as well.</source>
        <translation>2: x と y。3: さらにスコア。</translation>
    </message>
    <message>
        <source>Outputs are logits</source>
        <translation>出力はロジット</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a softmax.</source>
        <translation>オン: スコアをソフトマックスで 0～1 に変換する必要があります。</translation>
    </message>
    <message>
        <source>Outputs are class numbers</source>
        <translation>出力はクラス番号</translation>
    </message>
    <message>
        <source>On: each pixel already has the number of its class. Off: it has scores.</source>
        <translation>オン: 各ピクセルがすでにクラス番号です。オフ: 各ピクセルがスコアです。</translation>
    </message>
    <message>
        <source>1 object</source>
        <translation>物体 1 個</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>物体 {n} 個</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Correct the model</source>
        <translation>モデルの修正</translation>
    </message>
    <message>
        <source>One name on each line</source>
        <translation>1 行に名前を 1 つ</translation>
    </message>
    <message>
        <source>Class names</source>
        <translation>クラス名</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>ファイルから…</translation>
    </message>
    <message>
        <source>Use these settings</source>
        <translation>この設定を使う</translation>
    </message>
    <message>
        <source>Forget the correction</source>
        <translation>修正を破棄</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>理由</translation>
    </message>
    <message>
        <source>Class names (*.txt *.names *.json *.yaml *.yml *.labels);;All files (*)</source>
        <translation>クラス名 (*.txt *.names *.json *.yaml *.yml *.labels);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>プレビュー</translation>
    </message>
    <message>
        <source>Take a new picture</source>
        <translation>新しい画像を撮る</translation>
    </message>
    <message>
        <source>Look at what the stream shows now.</source>
        <translation>ストリームの今の映像で確かめます。</translation>
    </message>
    <message>
        <source>Take what the program found.</source>
        <translation>プログラムの判別結果を使います。</translation>
    </message>
    <message>
        <source>Take back: {title}</source>
        <translation>元に戻す: {title}</translation>
    </message>
</context>
<context>
    <name>Diagnostics</name>
    <message>
        <source>Collecting diagnostics: {phase}</source>
        <translation>診断情報を収集中: {phase}</translation>
    </message>
    <message>
        <source>Saved as {name}. Names, folders, passwords and cameras were replaced; look through it before you send it.</source>
        <translation>{name} として保存しました。名前、フォルダー、パスワード、カメラ名は置き換えてあります。送る前に中身を確認してください。</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>診断情報</translation>
    </message>
    <message>
        <source>devices of {runtime}</source>
        <translation>{runtime} のデバイス</translation>
    </message>
    <message>
        <source>beginning</source>
        <translation>開始</translation>
    </message>
    <message>
        <source>files and folders</source>
        <translation>ファイルとフォルダー</translation>
    </message>
    <message>
        <source>videos and pictures</source>
        <translation>動画と画像</translation>
    </message>
    <message>
        <source>cameras</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>names to be replaced</source>
        <translation>置き換える名前</translation>
    </message>
    <message>
        <source>writing the archive</source>
        <translation>アーカイブの書き込み</translation>
    </message>
    <message>
        <source>Inferoscope did not end properly last time ({time}). A report is kept on this computer.</source>
        <translation>前回（{time}）Inferoscope は正常に終了しませんでした。レポートはこのコンピューターに残っています。</translation>
    </message>
    <message>
        <source>Inferoscope made a mistake last time ({time}). A report is kept on this computer.</source>
        <translation>前回（{time}）Inferoscope の内部で誤りが起きました。レポートはこのコンピューターに残っています。</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>進み具合</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>フォルダーを表示</translation>
    </message>
    <message>
        <source>Save diagnostics…</source>
        <translation>診断情報を保存…</translation>
    </message>
    <message>
        <source>Skip the self-test</source>
        <translation>自己診断を飛ばす</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>メッセージを閉じる</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Models (*.onnx *.xml)</source>
        <translation>モデル (*.onnx *.xml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>モデルを開く</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>セッションを開く</translation>
    </message>
    <message>
        <source>Session.json</source>
        <translation>Session.json</translation>
    </message>
    <message>
        <source>Save the session as</source>
        <translation>名前を付けてセッションを保存</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>アーカイブ (*.zip)</translation>
    </message>
    <message>
        <source>Save diagnostics as</source>
        <translation>診断情報の保存先</translation>
    </message>
    <message>
        <source>Rename the tile</source>
        <translation>タイル名の変更</translation>
    </message>
    <message>
        <source>Name of the tile; leave it empty for its usual name:</source>
        <translation>タイルの名前（空欄にすると通常の名前に戻ります）:</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>変更</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Sessions (*.json)</source>
        <translation>セッション (*.json)</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source> and {outputs} more</source>
        <translation> ほか {outputs} 個</translation>
    </message>
    <message>
        <source> of the {promised_s} s that its header promises</source>
        <translation>（ヘッダーによる長さ {promised_s} 秒のうち）</translation>
    </message>
    <message>
        <source>(no shape)</source>
        <translation>（形状なし）</translation>
    </message>
    <message>
        <source>, agreement {agreement}</source>
        <translation>、一致率 {agreement}</translation>
    </message>
    <message>
        <source>.mp4 (fast) or .webm (for browsers)</source>
        <translation>.mp4（高速）または .webm（ブラウザー向け）</translation>
    </message>
    <message>
        <source>2 GB at most</source>
        <translation>2 GB 以下</translation>
    </message>
    <message>
        <source>92 logits are the 91 numbers of COCO and no object</source>
        <translation>92 個のロジットは COCO の 91 個の番号と「物体なし」です</translation>
    </message>
    <message>
        <source>; it ends after {frames} pictures, {length_s} s{promise}</source>
        <translation>。{frames} 枚、{length_s} 秒で終わっています{promise}</translation>
    </message>
    <message>
        <source>A 16-bit picture uses {depth_bits} bits only: its full scale is taken to be that</source>
        <translation>16 ビット画像が {depth_bits} ビットしか使っていないため、それを最大値とみなします</translation>
    </message>
    <message>
        <source>A TensorRT engine runs on one GPU only: load the ONNX file that it was built from</source>
        <translation>TensorRT エンジンは特定の GPU でしか動きません。元になった ONNX ファイルを読み込んでください</translation>
    </message>
    <message>
        <source>A fourth stride of 64 with one anchor a cell is NanoDet-Plus&apos;s</source>
        <translation>4 つ目のストライド 64 とセルあたり 1 アンカーは NanoDet-Plus の特徴です</translation>
    </message>
    <message>
        <source>A lane did not finish within {longest_s} s</source>
        <translation>レーンが {longest_s} 秒以内に終わりませんでした</translation>
    </message>
    <message>
        <source>A live source cannot be sought in</source>
        <translation>ライブソースではシークできません</translation>
    </message>
    <message>
        <source>A live source does not wait, so not every frame of it can be analysed</source>
        <translation>ライブソースは待たないため、すべてのフレームを解析することはできません</translation>
    </message>
    <message>
        <source>A live source has no frames to step through</source>
        <translation>ライブソースではコマ送りできません</translation>
    </message>
    <message>
        <source>A live source has no other place to go to</source>
        <translation>ライブソースでは別の位置に移動できません</translation>
    </message>
    <message>
        <source>A live source has no past to go to</source>
        <translation>ライブソースでは過去に戻れません</translation>
    </message>
    <message>
        <source>A person&apos;s correction is applied: {settings}</source>
        <translation>ユーザーによる修正が適用されています: {settings}</translation>
    </message>
    <message>
        <source>A picture of the video cannot be converted</source>
        <translation>動画の画像を変換できません</translation>
    </message>
    <message>
        <source>A picture of {width}x{height} does not fit this format</source>
        <translation>{width}x{height} の画像はこの形式に収まりません</translation>
    </message>
    <message>
        <source>A recording is running</source>
        <translation>録画中です</translation>
    </message>
    <message>
        <source>A row is joined from a box, a score and a class</source>
        <translation>1 行はボックス、スコア、クラスを結合したものです</translation>
    </message>
    <message>
        <source>A second input takes a size</source>
        <translation>2 つ目の入力にサイズを渡します</translation>
    </message>
    <message>
        <source>A second input takes the size that boxes are scaled to (orig_target_sizes)</source>
        <translation>2 つ目の入力に、ボックスを合わせるサイズを渡します (orig_target_sizes)</translation>
    </message>
    <message>
        <source>A softmax over the classes is what classifiers end with</source>
        <translation>クラスに対するソフトマックスで終わるのは分類器の特徴です</translation>
    </message>
    <message>
        <source>A {suffix} file cannot be run</source>
        <translation>{suffix} ファイルは実行できません</translation>
    </message>
    <message>
        <source>Allow more to be lost, or choose another variant</source>
        <translation>許容する損失を増やすか、別のバリアントを選んでください</translation>
    </message>
    <message>
        <source>An OpenVINO IR cannot be turned back into ONNX</source>
        <translation>OpenVINO IR を ONNX に戻すことはできません</translation>
    </message>
    <message>
        <source>An earlier compilation did not end within {earlier_limit_s} minutes</source>
        <translation>前のコンパイルが {earlier_limit_s} 分以内に終わりませんでした</translation>
    </message>
    <message>
        <source>An entry of the list of models cannot be read ({error}): {path}</source>
        <translation>モデル一覧の項目を読み取れません（{error}）: {path}</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>画像を解析中</translation>
    </message>
    <message>
        <source>Another recording to this file is running</source>
        <translation>このファイルへの別の録画が進行中です</translation>
    </message>
    <message>
        <source>Ask for fp32, or choose another backend</source>
        <translation>fp32 を指定するか、別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>Ask for {got}</source>
        <translation>{got} を指定してください</translation>
    </message>
    <message>
        <source>Ask for {got}, or choose another backend</source>
        <translation>{got} を指定するか、別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>Ask for {shares}, or choose another device</source>
        <translation>{shares} を指定するか、別のデバイスを選んでください</translation>
    </message>
    <message>
        <source>Asked for {rate_hz} pictures per second, got {rate_hz2}</source>
        <translation>毎秒 {rate_hz} 枚を指定しましたが、{rate_hz2} 枚になりました</translation>
    </message>
    <message>
        <source>Asked for {wanted_width}x{wanted_height}, got {width}x{height}</source>
        <translation>{wanted_width}x{wanted_height} を指定しましたが、{width}x{height} になりました</translation>
    </message>
    <message>
        <source>At each stride a box without activation is joined with objectness and classes behind a sigmoid, as YOLOX&apos;s head does</source>
        <translation>各ストライドで、活性化なしのボックスが、シグモイド後の物体らしさとクラスに結合されています（YOLOX のヘッドの特徴）</translation>
    </message>
    <message>
        <source>At each stride there are tables of 1, 1, 4 and 10 columns: face, objectness, box and 5 landmarks</source>
        <translation>各ストライドに 1、1、4、10 列の表があります: 顔、物体らしさ、ボックス、5 つのランドマーク</translation>
    </message>
    <message>
        <source>At each stride {classes} scores behind a sigmoid are joined with {columns} columns without activation: 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>各ストライドで、シグモイド後の {classes} 個のスコアが活性化なしの {columns} 列に結合されています: ボックスの 4 辺 × 距離分布の {bins} 区間</translation>
    </message>
    <message>
        <source>Behind the scores the output joins {keypoints} numbers: {keypoints2} x {dims} for keypoints</source>
        <translation>スコアの後に {keypoints} 個の数値が結合されています: キーポイント {keypoints2} 個 × {dims}</translation>
    </message>
    <message>
        <source>Behind {classes} scores the output joins one number: an angle</source>
        <translation>{classes} 個のスコアの後に数値が 1 つ結合されています: 角度</translation>
    </message>
    <message>
        <source>Beside the rows there are {planes} mask prototypes, a coefficient of each in a row</source>
        <translation>行のほかに {planes} 個のマスクプロトタイプがあり、各行にその係数があります</translation>
    </message>
    <message>
        <source>Beside the table there are {masks} mask prototypes, a coefficient of each in the table</source>
        <translation>表のほかに {masks} 個のマスクプロトタイプがあり、表にその係数があります</translation>
    </message>
    <message>
        <source>Boxes end with a sigmoid: shares of the picture</source>
        <translation>ボックスの最後がシグモイド: 画像に対する割合です</translation>
    </message>
    <message>
        <source>Build it from the ONNX file that the IR was converted from</source>
        <translation>IR の変換元の ONNX ファイルから作成してください</translation>
    </message>
    <message>
        <source>Build it from the float model that this one was made from</source>
        <translation>このモデルの元になった浮動小数点のモデルから作成してください</translation>
    </message>
    <message>
        <source>Build its FP16 variant: on the Optimise page, or with inferoscope export</source>
        <translation>最適化ページまたは inferoscope export で FP16 バリアントを作成してください</translation>
    </message>
    <message>
        <source>Build its INT8 variant: on the Optimise page, or with inferoscope export</source>
        <translation>最適化ページまたは inferoscope export で INT8 バリアントを作成してください</translation>
    </message>
    <message>
        <source>COCO (90 numbers with gaps)</source>
        <translation>COCO（欠番のある 90 番号）</translation>
    </message>
    <message>
        <source>COCO (91 numbers with gaps)</source>
        <translation>COCO（欠番のある 91 番号）</translation>
    </message>
    <message>
        <source>Calibrate with a source that shows what the model is to find</source>
        <translation>モデルの検出対象が映っているソースでキャリブレーションしてください</translation>
    </message>
    <message>
        <source>Camera {index}</source>
        <translation>カメラ {index}</translation>
    </message>
    <message>
        <source>Can&apos;t read ONNX file</source>
        <translation>ONNX ファイルを読み込めません</translation>
    </message>
    <message>
        <source>Check its permissions</source>
        <translation>アクセス権を確認してください</translation>
    </message>
    <message>
        <source>Check its rights</source>
        <translation>アクセス権を確認してください</translation>
    </message>
    <message>
        <source>Check that it is switched on and can be reached from this computer</source>
        <translation>電源が入っていて、このコンピューターから接続できることを確認してください</translation>
    </message>
    <message>
        <source>Check that it is switched on, and the port in its address</source>
        <translation>電源が入っていることと、アドレスのポート番号を確認してください</translation>
    </message>
    <message>
        <source>Check that it is there</source>
        <translation>存在することを確認してください</translation>
    </message>
    <message>
        <source>Check that the program may take pictures of the screen</source>
        <translation>プログラムによる画面の取得が許可されていることを確認してください</translation>
    </message>
    <message>
        <source>Check the address</source>
        <translation>アドレスを確認してください</translation>
    </message>
    <message>
        <source>Check the date of this computer, and ask who runs this network whether it looks into connections</source>
        <translation>このコンピューターの日付を確認し、通信内容を検査しているかネットワークの管理者に問い合わせてください</translation>
    </message>
    <message>
        <source>Check the inputs on the model card, or choose another device</source>
        <translation>モデルカードの入力を確認するか、別のデバイスを選んでください</translation>
    </message>
    <message>
        <source>Check the name and the folder</source>
        <translation>名前とフォルダーを確認してください</translation>
    </message>
    <message>
        <source>Check the network and try again: what has come is kept</source>
        <translation>ネットワークを確認して再試行してください。届いた分は残っています</translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation>パスを確認してください</translation>
    </message>
    <message>
        <source>Check the rights of this folder</source>
        <translation>このフォルダーのアクセス権を確認してください</translation>
    </message>
    <message>
        <source>Check user and password</source>
        <translation>ユーザー名とパスワードを確認してください</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>全フレームで確認中</translation>
    </message>
    <message>
        <source>Choose CPU, or another backend</source>
        <translation>CPU または別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was converted from</source>
        <translation>OpenVINO を選ぶか、変換元の ONNX ファイルを選んでください</translation>
    </message>
    <message>
        <source>Choose a device of this computer</source>
        <translation>このコンピューターのデバイスを選んでください</translation>
    </message>
    <message>
        <source>Choose a file name</source>
        <translation>ファイル名を選んでください</translation>
    </message>
    <message>
        <source>Choose a file with pictures</source>
        <translation>映像の入ったファイルを選んでください</translation>
    </message>
    <message>
        <source>Choose a model for detection, segmentation, pose or classification</source>
        <translation>物体検出、セグメンテーション、姿勢推定、分類のいずれかのモデルを選んでください</translation>
    </message>
    <message>
        <source>Choose a shorter name</source>
        <translation>もっと短い名前を選んでください</translation>
    </message>
    <message>
        <source>Choose a smaller size</source>
        <translation>もっと小さいサイズを選んでください</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant, or export the model without control flow</source>
        <translation>OpenVINO のバリアントを選ぶか、制御フローなしでモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose another backend</source>
        <translation>別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>Choose another backend or look at the log</source>
        <translation>別のバックエンドを選ぶか、ログを確認してください</translation>
    </message>
    <message>
        <source>Choose another backend, device or precision, or another model</source>
        <translation>別のバックエンド、デバイス、演算精度を選ぶか、別のモデルを選んでください</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model again</source>
        <translation>別のバックエンドを選ぶか、モデルをエクスポートし直してください</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model in another way</source>
        <translation>別のバックエンドを選ぶか、別の方法でモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model with other operators</source>
        <translation>別のバックエンドを選ぶか、別の演算子を使ってモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose another device or backend, or export the model in FP32</source>
        <translation>別のデバイスかバックエンドを選ぶか、モデルを FP32 でエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>別のファイルを選んでください</translation>
    </message>
    <message>
        <source>Choose another folder</source>
        <translation>別のフォルダーを選んでください</translation>
    </message>
    <message>
        <source>Choose another folder or change its permissions</source>
        <translation>別のフォルダーを選ぶか、アクセス権を変更してください</translation>
    </message>
    <message>
        <source>Choose another name or folder</source>
        <translation>別の名前またはフォルダーを選んでください</translation>
    </message>
    <message>
        <source>Choose another precision or device</source>
        <translation>別の演算精度またはデバイスを選んでください</translation>
    </message>
    <message>
        <source>Choose another variant</source>
        <translation>別のバリアントを選んでください</translation>
    </message>
    <message>
        <source>Choose another variant, or export the model in another way</source>
        <translation>別のバリアントを選ぶか、別の方法でモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose another variant, or free some memory</source>
        <translation>別のバリアントを選ぶか、メモリの空きを増やしてください</translation>
    </message>
    <message>
        <source>Choose another video format in its settings, such as H.264</source>
        <translation>カメラの設定で H.264 などの別の映像形式を選んでください</translation>
    </message>
    <message>
        <source>Choose frames that show what the model is to find</source>
        <translation>モデルの検出対象が映っているフレームを選んでください</translation>
    </message>
    <message>
        <source>Choose one of these</source>
        <translation>この中から選んでください</translation>
    </message>
    <message>
        <source>Choose one of those that there are</source>
        <translation>あるものの中から選んでください</translation>
    </message>
    <message>
        <source>Choose openvino-fp16, or export the model without control flow</source>
        <translation>openvino-fp16 を選ぶか、制御フローなしでモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Choose the .xml file beside it</source>
        <translation>横にある .xml ファイルを選んでください</translation>
    </message>
    <message>
        <source>Choose the size that it was exported for</source>
        <translation>エクスポート時のサイズを選んでください</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>重みを選択中</translation>
    </message>
    <message>
        <source>Classes are given as float numbers, as TensorFlow&apos;s exporter does</source>
        <translation>クラスが浮動小数点数で出力されます（TensorFlow のエクスポーターの特徴）</translation>
    </message>
    <message>
        <source>Classes are shown as numbers; give the right names</source>
        <translation>クラスは番号で表示されます。正しい名前を指定してください</translation>
    </message>
    <message>
        <source>Classes are whole numbers, as EfficientNMS gives them</source>
        <translation>クラスが整数で出力されます（EfficientNMS の特徴）</translation>
    </message>
    <message>
        <source>Close other programs that use it, plug it in again, and check that you may use it</source>
        <translation>カメラを使っているほかのプログラムを閉じ、接続し直し、使用の許可を確認してください</translation>
    </message>
    <message>
        <source>Collecting frames: {count} of {wanted}</source>
        <translation>フレームを収集中: {count} / {wanted}</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>ラベルと比較中</translation>
    </message>
    <message>
        <source>Comparing {candidate}</source>
        <translation>{candidate} を比較中</translation>
    </message>
    <message>
        <source>Compiling for {device}</source>
        <translation>{device} 用にコンパイル中</translation>
    </message>
    <message>
        <source>Connecting to {source_id}</source>
        <translation>{source_id} に接続中</translation>
    </message>
    <message>
        <source>Convert it to MP4 (H.264)</source>
        <translation>MP4 (H.264) に変換してください</translation>
    </message>
    <message>
        <source>Convert it to an OpenVINO IR or to ONNX</source>
        <translation>OpenVINO IR または ONNX に変換してください</translation>
    </message>
    <message>
        <source>Convert it with model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) in Keras</source>
        <translation>Keras で model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) を使って変換してください</translation>
    </message>
    <message>
        <source>Convert it with paddle2onnx</source>
        <translation>paddle2onnx で変換してください</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --graphdef MODEL --output model.onnx</source>
        <translation>python -m tf2onnx.convert --graphdef MODEL --output model.onnx で変換してください</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --keras MODEL --output model.onnx</source>
        <translation>python -m tf2onnx.convert --keras MODEL --output model.onnx で変換してください</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --tflite MODEL --output model.onnx</source>
        <translation>python -m tf2onnx.convert --tflite MODEL --output model.onnx で変換してください</translation>
    </message>
    <message>
        <source>Convert the Darknet weights to ONNX first</source>
        <translation>先に Darknet の重みを ONNX に変換してください</translation>
    </message>
    <message>
        <source>Convert the model again with a current OpenVINO</source>
        <translation>最新の OpenVINO でモデルを変換し直してください</translation>
    </message>
    <message>
        <source>Convert the model again, or copy both files again</source>
        <translation>モデルを変換し直すか、両方のファイルをコピーし直してください</translation>
    </message>
    <message>
        <source>Convert the video to MP4 (H.264)</source>
        <translation>動画を MP4 (H.264) に変換してください</translation>
    </message>
    <message>
        <source>Copy both files again</source>
        <translation>両方のファイルをコピーし直してください</translation>
    </message>
    <message>
        <source>Copy both files of the model</source>
        <translation>モデルの両方のファイルをコピーしてください</translation>
    </message>
    <message>
        <source>Copy both files of the model again</source>
        <translation>モデルの両方のファイルをコピーし直してください</translation>
    </message>
    <message>
        <source>Copy it again</source>
        <translation>コピーし直してください</translation>
    </message>
    <message>
        <source>Copy or download it again</source>
        <translation>コピーまたはダウンロードし直してください</translation>
    </message>
    <message>
        <source>Copy or record it again</source>
        <translation>コピーまたは録画し直してください</translation>
    </message>
    <message>
        <source>Copy, download or export the model again</source>
        <translation>モデルをコピー、ダウンロード、またはエクスポートし直してください</translation>
    </message>
    <message>
        <source>Correct the model card</source>
        <translation>モデルカードを修正してください</translation>
    </message>
    <message>
        <source>Correct the model&apos;s family or options</source>
        <translation>モデルのファミリーまたはオプションを修正してください</translation>
    </message>
    <message>
        <source>Correct {plugins_variable}</source>
        <translation>{plugins_variable} を修正してください</translation>
    </message>
    <message>
        <source>Could not open the file</source>
        <translation>ファイルを開けませんでした</translation>
    </message>
    <message>
        <source>Create it or choose another folder</source>
        <translation>作成するか、別のフォルダーを選んでください</translation>
    </message>
    <message>
        <source>Damaged places in the file cannot be decoded and are left out</source>
        <translation>ファイルの壊れた部分はデコードできないため、飛ばします</translation>
    </message>
    <message>
        <source>Deformable DETR</source>
        <translation>Deformable DETR</translation>
    </message>
    <message>
        <source>Delete this file, or forget the correction</source>
        <translation>このファイルを削除するか、修正を破棄してください</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>デモ: 瓶詰めライン</translation>
    </message>
    <message>
        <source>Devices of {backend}</source>
        <translation>{backend} のデバイス</translation>
    </message>
    <message>
        <source>Do the three planes stand for classes, or is the output a picture?</source>
        <translation>3 つのプレーンはクラスですか、それとも出力は画像ですか？</translation>
    </message>
    <message>
        <source>Download the model again</source>
        <translation>モデルをダウンロードし直してください</translation>
    </message>
    <message>
        <source>EfficientNMS is a plug-in of TensorRT: other runtimes cannot run this file</source>
        <translation>EfficientNMS は TensorRT のプラグインです。ほかのランタイムではこのファイルを実行できません</translation>
    </message>
    <message>
        <source>Export YOLOv8 or later for segmentation</source>
        <translation>セグメンテーションには YOLOv8 以降をエクスポートしてください</translation>
    </message>
    <message>
        <source>Export it with RT-DETR&apos;s own exporter, which gives labels, boxes and scores</source>
        <translation>RT-DETR 専用のエクスポーターを使い、ラベル、ボックス、スコアを出力するようにエクスポートしてください</translation>
    </message>
    <message>
        <source>Export the model again</source>
        <translation>モデルをエクスポートし直してください</translation>
    </message>
    <message>
        <source>Export the model again as a single file, and ask who made it</source>
        <translation>モデルを 1 つのファイルとしてエクスポートし直し、作成者に問い合わせてください</translation>
    </message>
    <message>
        <source>Export the model again with a picture as its input</source>
        <translation>画像を入力とするようにモデルをエクスポートし直してください</translation>
    </message>
    <message>
        <source>Export the model again with an example of four axes</source>
        <translation>4 軸の入力例を使ってモデルをエクスポートし直してください</translation>
    </message>
    <message>
        <source>Export the model again with such an input</source>
        <translation>そのような入力でモデルをエクスポートし直してください</translation>
    </message>
    <message>
        <source>Export the model with a picture as its only input</source>
        <translation>画像だけを入力とするようにモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Export the model with an older opset, or choose OpenVINO</source>
        <translation>古い opset でモデルをエクスポートするか、OpenVINO を選んでください</translation>
    </message>
    <message>
        <source>Export the model with its decoding (YOLOv7: export.py --grid; YOLOv5: export.py as it is)</source>
        <translation>デコード処理を含めてモデルをエクスポートしてください（YOLOv7: export.py --grid、YOLOv5: export.py のまま）</translation>
    </message>
    <message>
        <source>Export the model with its exporter&apos;s default head, or say what it is</source>
        <translation>エクスポーターの標準のヘッドでモデルをエクスポートするか、モデルの種類を指定してください</translation>
    </message>
    <message>
        <source>Export the model with its weights in a second file</source>
        <translation>重みを別ファイルにしてモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Export the model with this input fixed</source>
        <translation>この入力を固定してモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>Export the model without NMS, or with a count, boxes, scores and classes apart</source>
        <translation>NMS なしでエクスポートするか、個数、ボックス、スコア、クラスを分けてエクスポートしてください</translation>
    </message>
    <message>
        <source>External data path</source>
        <translation>外部データのパス</translation>
    </message>
    <message>
        <source>Fetch the model itself with git lfs pull</source>
        <translation>git lfs pull でモデル本体を取得してください</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>影響の大きい層を探索中</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects with little computing power: good for laptops and many cameras at once.</source>
        <translation>少ない計算量で身近な物体を 80 種類検出します。ノートパソコンや多数のカメラの同時使用に向いています。</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects, such as people, cars, animals and furniture; more accurate, and slower, than NanoDet.</source>
        <translation>人、車、動物、家具など身近な物体を 80 種類検出します。NanoDet より正確ですが、遅くなります。</translation>
    </message>
    <message>
        <source>Finds faces, with the eyes, the nose and the corners of the mouth; very small and fast.</source>
        <translation>顔と、目、鼻、口角を検出します。とても小さく高速です。</translation>
    </message>
    <message>
        <source>Free some space</source>
        <translation>空き容量を増やしてください</translation>
    </message>
    <message>
        <source>Free some space and try again</source>
        <translation>空き容量を増やして再試行してください</translation>
    </message>
    <message>
        <source>Free some space or check the rights of this folder</source>
        <translation>空き容量を増やすか、このフォルダーのアクセス権を確認してください</translation>
    </message>
    <message>
        <source>Free some space or choose another disk</source>
        <translation>空き容量を増やすか、別のディスクを選んでください</translation>
    </message>
    <message>
        <source>Give annotations with the model&apos;s class names</source>
        <translation>モデルのクラス名に合うアノテーションを指定してください</translation>
    </message>
    <message>
        <source>Give the folder that the annotation file belongs to</source>
        <translation>アノテーションファイルに対応するフォルダーを指定してください</translation>
    </message>
    <message>
        <source>Giving layers back</source>
        <translation>層を INT8 に戻しています</translation>
    </message>
    <message>
        <source>How the model runs best cannot be kept</source>
        <translation>モデルの最適な動かし方を保存できません</translation>
    </message>
    <message>
        <source>INT8 is no faster than the original here</source>
        <translation>ここでは INT8 は元のモデルより速くなりません</translation>
    </message>
    <message>
        <source>ImageNet (1000)</source>
        <translation>ImageNet (1000)</translation>
    </message>
    <message>
        <source>ImageNet (1000) behind a background class</source>
        <translation>ImageNet (1000)、先頭に背景クラス</translation>
    </message>
    <message>
        <source>Install Inferoscope again with all its parts, or choose another variant</source>
        <translation>Inferoscope をすべての部品とともにインストールし直すか、別のバリアントを選んでください</translation>
    </message>
    <message>
        <source>Install Inferoscope again, or use a model of your own</source>
        <translation>Inferoscope をインストールし直すか、手持ちのモデルを使ってください</translation>
    </message>
    <message>
        <source>Install a package of ONNX Runtime with {name}, or name its plug-in library in {plugins_variable}</source>
        <translation>{name} 対応の ONNX Runtime パッケージをインストールするか、そのプラグインライブラリを {plugins_variable} に指定してください</translation>
    </message>
    <message>
        <source>Install its libraries and driver, or choose another device</source>
        <translation>ライブラリとドライバーをインストールするか、別のデバイスを選んでください</translation>
    </message>
    <message>
        <source>Install the driver of the Intel {name}, or choose another device</source>
        <translation>Intel {name} のドライバーをインストールするか、別のデバイスを選んでください</translation>
    </message>
    <message>
        <source>Install the libraries and the driver that it needs</source>
        <translation>必要なライブラリとドライバーをインストールしてください</translation>
    </message>
    <message>
        <source>Install the program again, or choose another backend</source>
        <translation>プログラムをインストールし直すか、別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>Is it {best} ({task}), or {others}?</source>
        <translation>{best}（{task}）ですか、それとも {others} ですか？</translation>
    </message>
    <message>
        <source>Is it {best} ({task})?</source>
        <translation>{best}（{task}）ですか？</translation>
    </message>
    <message>
        <source>Is the last of the classes no object (taken), or a class?</source>
        <translation>最後のクラスは「物体なし」（現在の解釈）ですか、それとも普通のクラスですか？</translation>
    </message>
    <message>
        <source>It cannot be calibrated without frames</source>
        <translation>フレームがないとキャリブレーションできません</translation>
    </message>
    <message>
        <source>It cannot be written</source>
        <translation>書き込めません</translation>
    </message>
    <message>
        <source>It does not end with Softmax: logits</source>
        <translation>Softmax で終わっていません: ロジット</translation>
    </message>
    <message>
        <source>It ends with a fully connected layer</source>
        <translation>全結合層で終わっています</translation>
    </message>
    <message>
        <source>It ends with {last}: scores</source>
        <translation>{last} で終わっています: スコア</translation>
    </message>
    <message>
        <source>It gives no picture</source>
        <translation>映像が得られません</translation>
    </message>
    <message>
        <source>It gives no picture: {why}</source>
        <translation>映像が得られません: {why}</translation>
    </message>
    <message>
        <source>It holds a language model</source>
        <translation>言語モデルが入っています</translation>
    </message>
    <message>
        <source>It holds weights without a graph: export the model with optimum-cli export onnx</source>
        <translation>グラフのない重みだけのファイルです。optimum-cli export onnx でモデルをエクスポートしてください</translation>
    </message>
    <message>
        <source>It is a folder, not a file</source>
        <translation>ファイルではなくフォルダーです</translation>
    </message>
    <message>
        <source>It is faster only on a runtime that skips zeroes; the runtimes here compute them</source>
        <translation>ゼロを飛ばすランタイムでだけ速くなります。ここのランタイムはゼロも計算します</translation>
    </message>
    <message>
        <source>It is made by DetectionOutput</source>
        <translation>DetectionOutput による出力です</translation>
    </message>
    <message>
        <source>It is the index of the largest of the classes (ArgMax)</source>
        <translation>最大のクラスの番号です (ArgMax)</translation>
    </message>
    <message>
        <source>It may not be written</source>
        <translation>書き込みが許可されていません</translation>
    </message>
    <message>
        <source>It runs on none of the runtimes</source>
        <translation>どのランタイムでも動きません</translation>
    </message>
    <message>
        <source>It sends data to a remote service</source>
        <translation>データを外部のサービスに送信します</translation>
    </message>
    <message>
        <source>Its planes have the size of the picture</source>
        <translation>プレーンのサイズが画像と同じです</translation>
    </message>
    <message>
        <source>Its weights are no longer there: {value}</source>
        <translation>重みのファイルがなくなっています: {value}</translation>
    </message>
    <message>
        <source>JSON with images, annotations and categories (instances.json)</source>
        <translation>images、annotations、categories を含む JSON (instances.json)</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>そのまま使ってください</translation>
    </message>
    <message>
        <source>Left as it is: it could only be fused into operators that ONNX Runtime alone knows</source>
        <translation>変更していません。ONNX Runtime だけが知る演算子にしか融合できません</translation>
    </message>
    <message>
        <source>Let it run in real time, or record it first</source>
        <translation>実時間で動かすか、先に録画してください</translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation>読み込み直してください</translation>
    </message>
    <message>
        <source>Load the .onnx file that it was made from</source>
        <translation>元になった .onnx ファイルを読み込んでください</translation>
    </message>
    <message>
        <source>Load the ONNX file that it was converted from</source>
        <translation>変換元の ONNX ファイルを読み込んでください</translation>
    </message>
    <message>
        <source>Load the ONNX file that the ncnn model was converted from</source>
        <translation>ncnn モデルの変換元の ONNX ファイルを読み込んでください</translation>
    </message>
    <message>
        <source>Loading the compiled model</source>
        <translation>コンパイル済みモデルを読み込み中</translation>
    </message>
    <message>
        <source>Loading the optimised model</source>
        <translation>最適化済みモデルを読み込み中</translation>
    </message>
    <message>
        <source>Loading {candidate}</source>
        <translation>{candidate} を読み込み中</translation>
    </message>
    <message>
        <source>Look at the log for details</source>
        <translation>詳細はログを確認してください</translation>
    </message>
    <message>
        <source>Make it smaller</source>
        <translation>小さくしてください</translation>
    </message>
    <message>
        <source>Moving it to its place</source>
        <translation>保存先に移動中</translation>
    </message>
    <message>
        <source>Moving layers to float</source>
        <translation>層を浮動小数点に移しています</translation>
    </message>
    <message>
        <source>NMS is inside the graph</source>
        <translation>NMS がグラフに含まれています</translation>
    </message>
    <message>
        <source>Name a model file</source>
        <translation>モデルファイルを指定してください</translation>
    </message>
    <message>
        <source>Name a source to calibrate with</source>
        <translation>キャリブレーションに使うソースを指定してください</translation>
    </message>
    <message>
        <source>Name a source to calibrate with (--calibrate)</source>
        <translation>キャリブレーションに使うソースを指定してください (--calibrate)</translation>
    </message>
    <message>
        <source>Name another family, or forget the correction</source>
        <translation>別のファミリーを指定するか、修正を破棄してください</translation>
    </message>
    <message>
        <source>Name one camera</source>
        <translation>カメラを 1 台指定してください</translation>
    </message>
    <message>
        <source>Name the file inside it, such as {models}</source>
        <translation>中のファイルを指定してください（例: {models}）</translation>
    </message>
    <message>
        <source>Names to be replaced</source>
        <translation>置き換える名前</translation>
    </message>
    <message>
        <source>No INT8 variant is within the limit.</source>
        <translation>許容範囲内の INT8 バリアントはありません。</translation>
    </message>
    <message>
        <source>INT8 runs {best}</source>
        <translation>INT8 は {best}</translation>
    </message>
    <message>
        <source>, mAP {accuracy} instead of {map}</source>
        <translation>、mAP は {map} に対して {accuracy}</translation>
    </message>
    <message>
        <source>Build it from the FP32 model that this one was made from</source>
        <translation>このモデルの元になった FP32 のモデルから作成してください</translation>
    </message>
    <message>
        <source>Calibrating</source>
        <translation>キャリブレーション中</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>確認中</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant</source>
        <translation>OpenVINO のバリアントを選んでください</translation>
    </message>
    <message>
        <source>Choose another backend or device</source>
        <translation>別のバックエンドまたはデバイスを選んでください</translation>
    </message>
    <message>
        <source>Choose another source</source>
        <translation>別のソースを選んでください</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>接続中</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>変換中</translation>
    </message>
    <message>
        <source>Deciding</source>
        <translation>判定中</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>ダウンロード中</translation>
    </message>
    <message>
        <source>Export the labels in COCO&apos;s format</source>
        <translation>ラベルを COCO 形式でエクスポートしてください</translation>
    </message>
    <message>
        <source>Fusing</source>
        <translation>融合中</translation>
    </message>
    <message>
        <source>Leave some of the pictures out</source>
        <translation>画像の一部を除いてください</translation>
    </message>
    <message>
        <source>Leave the annotations out: export then goes by agreement</source>
        <translation>アノテーションを指定しないでください。その場合 export は一致度で判断します</translation>
    </message>
    <message>
        <source>No INT8 variant within the limit is faster than the original; the nearest runs {nearest} (places and scores to {scores})</source>
        <translation>許容範囲内に元のモデルより速い INT8 バリアントはありません。最も近いものは {nearest}（位置とスコアは {scores}）</translation>
    </message>
    <message>
        <source>No connection to the server can be made</source>
        <translation>サーバーに接続できません</translation>
    </message>
    <message>
        <source>No decoder reads this family of models</source>
        <translation>このファミリーのモデルを読み取るデコーダーがありません</translation>
    </message>
    <message>
        <source>No picture can be written with this ending</source>
        <translation>この拡張子では画像を保存できません</translation>
    </message>
    <message>
        <source>No picture for {age_s} s</source>
        <translation>{age_s} 秒間映像がありません</translation>
    </message>
    <message>
        <source>No picture in the file can be decoded</source>
        <translation>ファイルのどの画像もデコードできません</translation>
    </message>
    <message>
        <source>No video can be written with this ending</source>
        <translation>この拡張子では動画を保存できません</translation>
    </message>
    <message>
        <source>None of the pictures in the folder can be read</source>
        <translation>フォルダーのどの画像も読み込めません</translation>
    </message>
    <message>
        <source>Nothing moves boxes by the grid: they are still offsets and logarithms of sizes</source>
        <translation>ボックスがグリッド分移動されていません: 差分とサイズの対数のままです</translation>
    </message>
    <message>
        <source>ONNX Runtime</source>
        <translation>ONNX Runtime</translation>
    </message>
    <message>
        <source>ONNX Runtime does not read OpenVINO models</source>
        <translation>ONNX Runtime は OpenVINO モデルに対応していません</translation>
    </message>
    <message>
        <source>ONNX Runtime does not tell in which precision {place} computes</source>
        <translation>{place} の演算精度を ONNX Runtime から読み取れません</translation>
    </message>
    <message>
        <source>ONNX Runtime has no such operator: {part1}</source>
        <translation>ONNX Runtime にない演算子です: {part1}</translation>
    </message>
    <message>
        <source>ONNX Runtime has no {part1} for these types here</source>
        <translation>ここの ONNX Runtime にはこの型に対応する {part1} がありません</translation>
    </message>
    <message>
        <source>ONNX Runtime knows no device {device}</source>
        <translation>ONNX Runtime に {device} というデバイスはありません</translation>
    </message>
    <message>
        <source>ONNX Runtime&apos;s CPU computes FP16 files in FP32 and slower; they are for GPUs and other accelerators</source>
        <translation>ONNX Runtime の CPU は FP16 ファイルを FP32 で計算するため遅くなります。FP16 は GPU などのアクセラレーター向けです</translation>
    </message>
    <message>
        <source>Objectness is a constant 1, as YOLOv6&apos;s head writes it</source>
        <translation>物体らしさが定数 1 です（YOLOv6 のヘッドの特徴）</translation>
    </message>
    <message>
        <source>Only {different} frames differ from each other; {wanted} are better</source>
        <translation>内容の異なるフレームは {different} 枚だけです。{wanted} 枚あるとよいでしょう</translation>
    </message>
    <message>
        <source>Only {expected} found on the frames that were compared: more frames would tell more.</source>
        <translation>比較したフレームでの検出は {expected} だけです。フレームを増やすと、より確かになります。</translation>
    </message>
    <message>
        <source>OpenCV DNN</source>
        <translation>OpenCV DNN</translation>
    </message>
    <message>
        <source>OpenCV cannot run layers of these number formats</source>
        <translation>この数値形式の層は OpenCV では実行できません</translation>
    </message>
    <message>
        <source>OpenCV cannot run the operator {part1}</source>
        <translation>OpenCV では演算子 {part1} を実行できません</translation>
    </message>
    <message>
        <source>OpenCV cannot run this model</source>
        <translation>OpenCV ではこのモデルを実行できません</translation>
    </message>
    <message>
        <source>OpenCV computes this model in {got} when asked for {precision}</source>
        <translation>{precision} を指定しましたが、OpenCV はこのモデルを {got} で計算します</translation>
    </message>
    <message>
        <source>OpenCV does not read these OpenVINO models</source>
        <translation>OpenCV はこの OpenVINO モデルに対応していません</translation>
    </message>
    <message>
        <source>OpenCV knows no device {device}</source>
        <translation>OpenCV に {device} というデバイスはありません</translation>
    </message>
    <message>
        <source>OpenCV ran no layer on {device}</source>
        <translation>OpenCV は {device} でどの層も実行しませんでした</translation>
    </message>
    <message>
        <source>OpenCV&apos;s {device} computes in FP32 when asked for </source>
        <translation>OpenCV の {device} は FP32 で計算します。指定された演算精度: </translation>
    </message>
    <message>
        <source>OpenVINO cannot keep this compiled model for the next start: {error}</source>
        <translation>OpenVINO はコンパイル済みモデルを次回のために保存できません: {error}</translation>
    </message>
    <message>
        <source>OpenVINO cannot prepare an inference of this model</source>
        <translation>OpenVINO でこのモデルの推論を準備できません</translation>
    </message>
    <message>
        <source>OpenVINO does not tell in which precision this device computes</source>
        <translation>このデバイスの演算精度を OpenVINO から読み取れません</translation>
    </message>
    <message>
        <source>OpenVINO failed while running</source>
        <translation>OpenVINO が実行中に失敗しました</translation>
    </message>
    <message>
        <source>OpenVINO finds no Intel {name} with a working driver</source>
        <translation>ドライバーが動作している Intel {name} を OpenVINO が見つけられません</translation>
    </message>
    <message>
        <source>OpenVINO has no such operators: {part1}</source>
        <translation>OpenVINO にない演算子です: {part1}</translation>
    </message>
    <message>
        <source>OpenVINO knows no device {device}</source>
        <translation>OpenVINO に {device} というデバイスはありません</translation>
    </message>
    <message>
        <source>Optimising for {place}</source>
        <translation>{place} 用に最適化中</translation>
    </message>
    <message>
        <source>Packed (deflate) it takes {file} bytes, the original {source}</source>
        <translation>圧縮 (deflate) すると {file} バイト、元のモデルは {source} です</translation>
    </message>
    <message>
        <source>Packing</source>
        <translation>圧縮サイズを確認中</translation>
    </message>
    <message>
        <source>Pascal VOC (20)</source>
        <translation>Pascal VOC (20)</translation>
    </message>
    <message>
        <source>Pascal VOC (20) behind a background class</source>
        <translation>Pascal VOC (20)、先頭に背景クラス</translation>
    </message>
    <message>
        <source>Pictures have no time</source>
        <translation>画像には時間がありません</translation>
    </message>
    <message>
        <source>Pixels of type {dtype} are not supported</source>
        <translation>{dtype} 型のピクセルには対応していません</translation>
    </message>
    <message>
        <source>Play it as it is</source>
        <translation>そのまま再生してください</translation>
    </message>
    <message>
        <source>Play it in another program to check it, or convert it to MP4 (H.264)</source>
        <translation>ほかのプログラムで再生して確認するか、MP4 (H.264) に変換してください</translation>
    </message>
    <message>
        <source>Plug one in, and check that you may use it</source>
        <translation>接続して、使用が許可されていることを確認してください</translation>
    </message>
    <message>
        <source>Put both files into one folder, or export the model as a single file</source>
        <translation>両方のファイルを同じフォルダーに置くか、モデルを 1 つのファイルとしてエクスポートしてください</translation>
    </message>
    <message>
        <source>Put it beside the model</source>
        <translation>モデルの横に置いてください</translation>
    </message>
    <message>
        <source>Queries are learnt and none is selected in the graph, as in DETR: softmax, the last is no object</source>
        <translation>クエリが学習済みで、グラフ内で選択されません（DETR の特徴）: ソフトマックス、最後は「物体なし」</translation>
    </message>
    <message>
        <source>RT-DETR or D-FINE</source>
        <translation>RT-DETR または D-FINE</translation>
    </message>
    <message>
        <source>RT-DETR, D-FINE or DEIM</source>
        <translation>RT-DETR、D-FINE、DEIM のいずれか</translation>
    </message>
    <message>
        <source>Reading back what runs</source>
        <translation>実際の動作を読み取り中</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>モデルを読み込み中</translation>
    </message>
    <message>
        <source>Record .mp4 or choose another folder</source>
        <translation>.mp4 で録画するか、別のフォルダーを選んでください</translation>
    </message>
    <message>
        <source>Record in shorter parts or choose another disk</source>
        <translation>短く分けて録画するか、別のディスクを選んでください</translation>
    </message>
    <message>
        <source>Rename the file or its folder</source>
        <translation>ファイルまたはフォルダーの名前を変更してください</translation>
    </message>
    <message>
        <source>Replace these pictures, or take them out of the annotations</source>
        <translation>これらの画像を差し替えるか、アノテーションから除いてください</translation>
    </message>
    <message>
        <source>Round {number}: measuring {runners} in turn</source>
        <translation>{number} 回目: {runners} 個を順に計測中</translation>
    </message>
    <message>
        <source>SCHEME://USER:PASSWORD@HOST:PORT/PATH with rtsp, rtsps, http or https</source>
        <translation>rtsp、rtsps、http、https のいずれかによる SCHEME://USER:PASSWORD@HOST:PORT/PATH</translation>
    </message>
    <message>
        <source>SHA-256 expected {sha256}, got {found}</source>
        <translation>SHA-256 は {sha256} のはずですが、{found} でした</translation>
    </message>
    <message>
        <source>Save a .png</source>
        <translation>.png で保存してください</translation>
    </message>
    <message>
        <source>Save it again as PNG</source>
        <translation>PNG で保存し直してください</translation>
    </message>
    <message>
        <source>Save it again with 8 or 16 bits</source>
        <translation>8 ビットまたは 16 ビットで保存し直してください</translation>
    </message>
    <message>
        <source>Save the model with an older version of the onnx package</source>
        <translation>古いバージョンの onnx パッケージでモデルを保存してください</translation>
    </message>
    <message>
        <source>Save them again as PNG or JPEG</source>
        <translation>PNG または JPEG で保存し直してください</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; small and fast.</source>
        <translation>画像全体に映るものを 1000 種類に分類します。小さく高速です。</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; smaller and a little more accurate than its predecessor.</source>
        <translation>画像全体に映るものを 1000 種類に分類します。前の版より小さく、少し正確です。</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; the most accurate classifier here, and the largest.</source>
        <translation>画像全体に映るものを 1000 種類に分類します。ここで最も正確で、最も大きい分類器です。</translation>
    </message>
    <message>
        <source>Screen {index}</source>
        <translation>画面 {index}</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>セマンティックセグメンテーション</translation>
    </message>
    <message>
        <source>Separates people from the background, for people close to the camera.</source>
        <translation>カメラの近くにいる人を背景から切り分けます。</translation>
    </message>
    <message>
        <source>Several cameras have this name</source>
        <translation>同じ名前のカメラが複数あります</translation>
    </message>
    <message>
        <source>Sizes are squared before they are multiplied with anchors, as in YOLOv5 and YOLOv7</source>
        <translation>アンカーを掛ける前にサイズが 2 乗されています（YOLOv5 と YOLOv7 の特徴）</translation>
    </message>
    <message>
        <source>Start at 0, or choose a number</source>
        <translation>0 から始めるか、番号を選んでください</translation>
    </message>
    <message>
        <source>Start the program again</source>
        <translation>プログラムを再起動してください</translation>
    </message>
    <message>
        <source>Start the program from a desktop, or choose another source</source>
        <translation>デスクトップからプログラムを起動するか、別のソースを選んでください</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>開始中</translation>
    </message>
    <message>
        <source>Starting the runtime</source>
        <translation>ランタイムを起動中</translation>
    </message>
    <message>
        <source>Stay with the original on {badge}: nothing that was tried is faster and within the limit.</source>
        <translation>{badge} では元のモデルのままにしてください。試したものの中に、許容範囲内で速くなるものはありません。</translation>
    </message>
    <message>
        <source>Stop it before you start another one</source>
        <translation>次の録画を始める前に停止してください</translation>
    </message>
    <message>
        <source>Strides {levels} have a table of {classes} scores and one of {columns} columns each</source>
        <translation>ストライド {levels} に、{classes} 個のスコアの表と {columns} 列の表が 1 つずつあります</translation>
    </message>
    <message>
        <source>Take {what} on {badge}{value}: {reason}{report}.</source>
        <translation>{badge} で {what} を使用してください{value}: {reason}{report}。</translation>
    </message>
    <message>
        <source>TensorFlow SSD</source>
        <translation>TensorFlow SSD</translation>
    </message>
    <message>
        <source>The .bin file is missing or cut short</source>
        <translation>.bin ファイルがないか、途中で切れています</translation>
    </message>
    <message>
        <source>The ONNX file has format version {ir_version}, which is too new</source>
        <translation>ONNX ファイルの形式バージョン {ir_version} は新しすぎます</translation>
    </message>
    <message>
        <source>The ONNX file is cut short: what follows the graph is missing</source>
        <translation>ONNX ファイルが途中で切れています。グラフの後の部分がありません</translation>
    </message>
    <message>
        <source>The OpenVINO IR has version {version}</source>
        <translation>OpenVINO IR のバージョンが {version} です</translation>
    </message>
    <message>
        <source>The OpenVINO model has no weights</source>
        <translation>OpenVINO モデルの重みがありません</translation>
    </message>
    <message>
        <source>The address is not a secure one</source>
        <translation>安全なアドレスではありません</translation>
    </message>
    <message>
        <source>The annotation file cannot be read</source>
        <translation>アノテーションファイルを読み込めません</translation>
    </message>
    <message>
        <source>The annotation file is too large</source>
        <translation>アノテーションファイルが大きすぎます</translation>
    </message>
    <message>
        <source>The camera cannot be opened</source>
        <translation>カメラを開けません</translation>
    </message>
    <message>
        <source>The camera gives no picture</source>
        <translation>カメラから映像が得られません</translation>
    </message>
    <message>
        <source>The certificate of the server is not checked</source>
        <translation>サーバーの証明書を確認していません</translation>
    </message>
    <message>
        <source>The child process that listed its devices {what}</source>
        <translation>デバイスを調べる子プロセスが{what}</translation>
    </message>
    <message>
        <source>The class names cannot be read</source>
        <translation>クラス名を読み込めません</translation>
    </message>
    <message>
        <source>The command &apos;inferoscope backends&apos; lists what each device can do</source>
        <translation>コマンド &apos;inferoscope backends&apos; で各デバイスの対応を確認できます</translation>
    </message>
    <message>
        <source>The compiled model could not be kept for the next start: {strerror}</source>
        <translation>コンパイル済みモデルを次回のために保存できませんでした: {strerror}</translation>
    </message>
    <message>
        <source>The connection broke off</source>
        <translation>接続が切れました</translation>
    </message>
    <message>
        <source>The connection ended early</source>
        <translation>接続が途中で終了しました</translation>
    </message>
    <message>
        <source>The correction cannot be written</source>
        <translation>修正を書き込めません</translation>
    </message>
    <message>
        <source>The demo model</source>
        <translation>デモモデル</translation>
    </message>
    <message>
        <source>The detections of all pictures come as one list, which is not read</source>
        <translation>すべての画像の検出結果が 1 つのリストになっており、読み取れません</translation>
    </message>
    <message>
        <source>The disk is almost full: {free} MB are free</source>
        <translation>ディスクの空きがほとんどありません: 残り {free} MB</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>ディスクがいっぱいです</translation>
    </message>
    <message>
        <source>The disk is read-only</source>
        <translation>ディスクは読み取り専用です</translation>
    </message>
    <message>
        <source>The disk quota is used up</source>
        <translation>ディスクの割り当て容量を使い切りました</translation>
    </message>
    <message>
        <source>The family {family} cannot read these outputs: {outputs}</source>
        <translation>ファミリー {family} ではこの出力を読み取れません: {outputs}</translation>
    </message>
    <message>
        <source>The file cannot be deleted ({reason})</source>
        <translation>ファイルを削除できません（{reason}）</translation>
    </message>
    <message>
        <source>The file cannot be opened</source>
        <translation>ファイルを開けません</translation>
    </message>
    <message>
        <source>The file cannot be read ({reason})</source>
        <translation>ファイルを読み込めません（{reason}）</translation>
    </message>
    <message>
        <source>The file cannot be written ({strerror})</source>
        <translation>ファイルに書き込めません（{strerror}）</translation>
    </message>
    <message>
        <source>The file for the results could not be opened in time</source>
        <translation>結果のファイルを時間内に開けませんでした</translation>
    </message>
    <message>
        <source>The file has ONNX IR version {part1}; this ONNX Runtime knows versions up to {part2}</source>
        <translation>ファイルの ONNX IR バージョンは {part1} ですが、この ONNX Runtime は {part2} までしか対応していません</translation>
    </message>
    <message>
        <source>The file has become larger than it may be</source>
        <translation>ファイルが許可された大きさを超えました</translation>
    </message>
    <message>
        <source>The file holds FP16 numbers, but {place} computes them in FP32, slower than an FP32 file</source>
        <translation>ファイルは FP16 ですが、{place} は FP32 で計算するため、FP32 のファイルより遅くなります</translation>
    </message>
    <message>
        <source>The file holds INT8 layers, but {device} computes them in {shares}</source>
        <translation>ファイルには INT8 の層がありますが、{device} は {shares} で計算します</translation>
    </message>
    <message>
        <source>The file holds only sound</source>
        <translation>音声しか入っていないファイルです</translation>
    </message>
    <message>
        <source>The file holds text, not a video</source>
        <translation>動画ではなくテキストのファイルです</translation>
    </message>
    <message>
        <source>The file is cut off: {there} of {promised} bytes are there</source>
        <translation>ファイルが途中で切れています: {promised} バイト中 {there} バイトしかありません</translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation>ファイルが壊れています</translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation>ファイルが空です</translation>
    </message>
    <message>
        <source>The file is empty (0 bytes)</source>
        <translation>ファイルが空です（0 バイト）</translation>
    </message>
    <message>
        <source>The file is no longer there</source>
        <translation>ファイルがなくなっています</translation>
    </message>
    <message>
        <source>The file is not a picture, or it is damaged</source>
        <translation>画像ファイルではないか、壊れています</translation>
    </message>
    <message>
        <source>The file is not an ONNX model, or it is cut short</source>
        <translation>ONNX モデルではないか、途中で切れています</translation>
    </message>
    <message>
        <source>The file is not an OpenVINO IR, or it is damaged</source>
        <translation>OpenVINO IR ではないか、壊れています</translation>
    </message>
    <message>
        <source>The file is too large for ONNX</source>
        <translation>ONNX としてはファイルが大きすぎます</translation>
    </message>
    <message>
        <source>The file leaves the size of the picture free: {width}x{height} is taken, as {source}</source>
        <translation>画像のサイズがファイルで決まっていないため、{width}x{height} とします（根拠: {source}）</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to a runtime</source>
        <translation>ファイル名に、ランタイムに渡せない文字が含まれています</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the decoder</source>
        <translation>ファイル名に、デコーダーに渡せない文字が含まれています</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the encoder</source>
        <translation>ファイル名に、エンコーダーに渡せない文字が含まれています</translation>
    </message>
    <message>
        <source>The file name is too long</source>
        <translation>ファイル名が長すぎます</translation>
    </message>
    <message>
        <source>The file that came is not the one in the catalogue, so it was deleted</source>
        <translation>届いたファイルがカタログのものと異なるため、削除しました</translation>
    </message>
    <message>
        <source>The file with the model&apos;s weights is missing</source>
        <translation>モデルの重みのファイルがありません</translation>
    </message>
    <message>
        <source>The folder cannot be read</source>
        <translation>フォルダーを読み込めません</translation>
    </message>
    <message>
        <source>The folder cannot be read ({strerror}): {folder}</source>
        <translation>フォルダーを読み込めません（{strerror}）: {folder}</translation>
    </message>
    <message>
        <source>The folder does not exist</source>
        <translation>フォルダーがありません</translation>
    </message>
    <message>
        <source>The folder has no pictures</source>
        <translation>フォルダーに画像がありません</translation>
    </message>
    <message>
        <source>The folder is not available: {folder}</source>
        <translation>フォルダーを利用できません: {folder}</translation>
    </message>
    <message>
        <source>The graph begins by normalising the picture: it takes 0 to 1</source>
        <translation>グラフの最初に画像の正規化があります: 入力は 0～1</translation>
    </message>
    <message>
        <source>The graph begins by scaling the picture: it takes 0 to 255</source>
        <translation>グラフの最初に画像のスケーリングがあります: 入力は 0～255</translation>
    </message>
    <message>
        <source>The graph ends with the exponential of sizes, the grid and the strides: decoded YOLOX boxes</source>
        <translation>グラフの最後にサイズの指数関数、グリッド、ストライドの処理があります: デコード済みの YOLOX ボックス</translation>
    </message>
    <message>
        <source>The graph has branches or loops ({found}), which this recipe cannot take</source>
        <translation>グラフに分岐またはループ（{found}）があり、この方法では扱えません</translation>
    </message>
    <message>
        <source>The graph has operators that need a plug-in of the runtime: {found}</source>
        <translation>グラフに、ランタイムのプラグインが必要な演算子があります: {found}</translation>
    </message>
    <message>
        <source>The graph is too large to be a vision model</source>
        <translation>画像認識モデルとしてはグラフが大きすぎます</translation>
    </message>
    <message>
        <source>The graph itself picks the best candidates (TopK)</source>
        <translation>グラフ自体が最良の候補を選びます (TopK)</translation>
    </message>
    <message>
        <source>The graph picks the best queries (TopK) and has no NMS</source>
        <translation>グラフが最良のクエリを選び (TopK)、NMS はありません</translation>
    </message>
    <message>
        <source>The graph selects queries or samples at points (TopK, GridSample): scores by sigmoid</source>
        <translation>グラフがクエリを選ぶか、点で標本化します (TopK, GridSample): シグモイドによるスコア</translation>
    </message>
    <message>
        <source>The graph turns boxes with sine and cosine</source>
        <translation>グラフが正弦と余弦でボックスを回転します</translation>
    </message>
    <message>
        <source>The head turns distance distributions into boxes (DFL), as YOLOv8 and later do</source>
        <translation>ヘッドが距離の分布をボックスに変換します (DFL)（YOLOv8 以降の特徴）</translation>
    </message>
    <message>
        <source>The input takes bytes</source>
        <translation>入力はバイト列です</translation>
    </message>
    <message>
        <source>The input takes bytes: scaling is inside the graph</source>
        <translation>入力はバイト列です: スケーリングはグラフに含まれています</translation>
    </message>
    <message>
        <source>The input {spec} has the shape {declared}</source>
        <translation>入力 {spec} の形状は {declared} です</translation>
    </message>
    <message>
        <source>The input {spec} has the type {dtype}, in which no picture can be given</source>
        <translation>入力 {spec} の型 {dtype} では画像を渡せません</translation>
    </message>
    <message>
        <source>The input {spec} takes whole numbers ({dtype}), which cannot be scaled</source>
        <translation>入力 {spec} は整数（{dtype}）のため、スケーリングできません</translation>
    </message>
    <message>
        <source>The installed ONNX Runtime was built without {name}</source>
        <translation>インストールされている ONNX Runtime は {name} なしでビルドされています</translation>
    </message>
    <message>
        <source>The lane is closed</source>
        <translation>レーンは閉じています</translation>
    </message>
    <message>
        <source>The library that builds it cannot take this model</source>
        <translation>バリアントを作成するライブラリがこのモデルに対応していません</translation>
    </message>
    <message>
        <source>The library that builds it has no such operator: {unknown}</source>
        <translation>バリアントを作成するライブラリにない演算子です: {unknown}</translation>
    </message>
    <message>
        <source>The list of models cannot be kept ({reason})</source>
        <translation>モデル一覧を保存できません（{reason}）</translation>
    </message>
    <message>
        <source>The list of models cannot be read ({error}): {path}</source>
        <translation>モデル一覧を読み込めません（{error}）: {path}</translation>
    </message>
    <message>
        <source>The metadata names {classes} classes, as many as the outputs have</source>
        <translation>メタデータに {classes} 個のクラス名があり、出力の数と一致します</translation>
    </message>
    <message>
        <source>The metadata says NMS was exported with the model</source>
        <translation>メタデータによると、NMS を含めてエクスポートされています</translation>
    </message>
    <message>
        <source>The metadata says the head is end to end</source>
        <translation>メタデータによると、ヘッドはエンドツーエンドです</translation>
    </message>
    <message>
        <source>The metadata says the task is classify</source>
        <translation>メタデータによると、タスクは classify（分類）です</translation>
    </message>
    <message>
        <source>The metadata says the task is semantic segmentation</source>
        <translation>メタデータによると、タスクはセマンティックセグメンテーションです</translation>
    </message>
    <message>
        <source>The metadata says the task is {task}</source>
        <translation>メタデータによると、タスクは {task} です</translation>
    </message>
    <message>
        <source>The metadata says there are {keypoints} keypoints of {dims} numbers</source>
        <translation>メタデータによると、{dims} 個の数値を持つキーポイントが {keypoints} 個あります</translation>
    </message>
    <message>
        <source>The model asks for an input {tensor} ({shape} {dtype}) beside the picture, of which nothing is known</source>
        <translation>モデルに画像以外の入力 {tensor}（{shape} {dtype}）がありますが、その内容がわかりません</translation>
    </message>
    <message>
        <source>The model did not come back from an inference within {hang_s} s</source>
        <translation>モデルの推論が {hang_s} 秒以内に終わりませんでした</translation>
    </message>
    <message>
        <source>The model did not finish its first run within {warm_up_limit_s} s</source>
        <translation>モデルの最初の実行が {warm_up_limit_s} 秒以内に終わりませんでした</translation>
    </message>
    <message>
        <source>The model did not give this output</source>
        <translation>モデルからこの出力が得られませんでした</translation>
    </message>
    <message>
        <source>The model does not run</source>
        <translation>モデルが動きません</translation>
    </message>
    <message>
        <source>The model does not run{reason}</source>
        <translation>モデルが動きません{reason}</translation>
    </message>
    <message>
        <source>The model does not take this input size</source>
        <translation>モデルはこの入力サイズに対応していません</translation>
    </message>
    <message>
        <source>The model failed while running</source>
        <translation>モデルが実行中に失敗しました</translation>
    </message>
    <message>
        <source>The model finds no boxes, so it has no mean average precision</source>
        <translation>モデルがボックスを検出しないため、mAP を計算できません</translation>
    </message>
    <message>
        <source>The model finds nothing on these frames, so nothing can be proven</source>
        <translation>モデルがこれらのフレームで何も検出しないため、何も証明できません</translation>
    </message>
    <message>
        <source>The model gives masks too; they are not shown</source>
        <translation>モデルはマスクも出力しますが、表示されません</translation>
    </message>
    <message>
        <source>The model has an input that the card does not fill: {name}</source>
        <translation>モデルに、カードで指定されていない入力があります: {name}</translation>
    </message>
    <message>
        <source>The model has inputs that the card does not fill: {part1}</source>
        <translation>モデルに、カードで指定されていない入力があります: {part1}</translation>
    </message>
    <message>
        <source>The model has no convolution or matrix product that could be quantised</source>
        <translation>モデルに量子化できる畳み込みや行列積がありません</translation>
    </message>
    <message>
        <source>The model is closed</source>
        <translation>モデルは閉じています</translation>
    </message>
    <message>
        <source>The model is in half precision already</source>
        <translation>モデルはすでに半精度です</translation>
    </message>
    <message>
        <source>The model is quantised already</source>
        <translation>モデルはすでに量子化されています</translation>
    </message>
    <message>
        <source>The model is too large to be rebuilt</source>
        <translation>モデルが大きすぎて作り直せません</translation>
    </message>
    <message>
        <source>The model names a weight file outside its own folder, {location}: refused</source>
        <translation>モデルが自分のフォルダーの外の重みファイル {location} を指定しているため、拒否しました</translation>
    </message>
    <message>
        <source>The model needs opset {part1}; this ONNX Runtime knows opsets up to {part2}</source>
        <translation>モデルには opset {part1} が必要ですが、この ONNX Runtime は opset {part2} までしか対応していません</translation>
    </message>
    <message>
        <source>The model takes no picture, its inputs are: {taken}</source>
        <translation>モデルは画像を受け取りません。入力: {taken}</translation>
    </message>
    <message>
        <source>The model takes pictures of {spec}, which is too large</source>
        <translation>モデルの画像サイズ {spec} は大きすぎます</translation>
    </message>
    <message>
        <source>The model uses ONNX opset {opset}, which is too new</source>
        <translation>モデルの ONNX opset {opset} は新しすぎます</translation>
    </message>
    <message>
        <source>The model wants a {part2} as its input, the card gives a {part1}</source>
        <translation>モデルの入力は {part2} ですが、カードでは {part1} になっています</translation>
    </message>
    <message>
        <source>The model was closed, for it served no stream</source>
        <translation>どのストリームでも使われなくなったため、モデルを閉じました</translation>
    </message>
    <message>
        <source>The model {what} in its trial run</source>
        <translation>試験実行でモデルが{what}</translation>
    </message>
    <message>
        <source>The model&apos;s own section model_info says how pictures are prepared</source>
        <translation>モデルの model_info に画像の前処理が記述されています</translation>
    </message>
    <message>
        <source>The model&apos;s weight file {location} is cut short</source>
        <translation>モデルの重みファイル {location} が途中で切れています</translation>
    </message>
    <message>
        <source>The model&apos;s weights are in another file, {location}, which is not there</source>
        <translation>モデルの重みは別のファイル {location} にありますが、見つかりません</translation>
    </message>
    <message>
        <source>The model&apos;s {class_names} classes are not the {categories} categories of the annotations</source>
        <translation>モデルの {class_names} クラスが、アノテーションの {categories} カテゴリーと一致しません</translation>
    </message>
    <message>
        <source>The only output is one number for each of {classes} classes</source>
        <translation>出力は {classes} クラスそれぞれに対する 1 つの数値だけです</translation>
    </message>
    <message>
        <source>The original</source>
        <translation>元のモデル</translation>
    </message>
    <message>
        <source>The original finds nothing on the frames, so nothing can be compared</source>
        <translation>元のモデルがフレームで何も検出しないため、比較できません</translation>
    </message>
    <message>
        <source>The output has a number or a colour for each pixel, as depth, saliency and picture-making models give</source>
        <translation>出力は各ピクセルの数値または色です（深度、顕著性、画像生成モデルの特徴）</translation>
    </message>
    <message>
        <source>The output has a plane for each of {channels} classes, {output}x{output2} pixels</source>
        <translation>出力に {channels} クラスそれぞれのプレーンがあります（{output}x{output2} ピクセル）</translation>
    </message>
    <message>
        <source>The output has rows of 7: picture, label, score and the corners of a box</source>
        <translation>出力は 7 列の行です: 画像、ラベル、スコア、ボックスの頂点</translation>
    </message>
    <message>
        <source>The output has the shape {array}</source>
        <translation>出力の形状は {array} です</translation>
    </message>
    <message>
        <source>The output has {output} rows of {columns} numbers, fewer than the grid has cells</source>
        <translation>出力は {columns} 個の数値からなる {output} 行で、グリッドのセル数より少なくなっています</translation>
    </message>
    <message>
        <source>The output is a whole number for every pixel</source>
        <translation>出力は各ピクセルの整数です</translation>
    </message>
    <message>
        <source>The output is named {output}</source>
        <translation>出力の名前は {output} です</translation>
    </message>
    <message>
        <source>The output joins 4 box channels and {classes} scores behind a sigmoid, nothing else</source>
        <translation>出力はボックスの 4 チャンネルとシグモイド後の {classes} 個のスコアだけを結合したものです</translation>
    </message>
    <message>
        <source>The output joins 4 box channels, {classes} scores and {masks} mask coefficients</source>
        <translation>出力はボックスの 4 チャンネル、{classes} 個のスコア、{masks} 個のマスク係数を結合したものです</translation>
    </message>
    <message>
        <source>The outputs are a count, boxes, scores and classes, best first</source>
        <translation>出力は個数、ボックス、スコア、クラスで、スコアの高い順です</translation>
    </message>
    <message>
        <source>The outputs are named as TensorFlow&apos;s object detection API names them</source>
        <translation>出力の名前が TensorFlow の Object Detection API のものです</translation>
    </message>
    <message>
        <source>The outputs are named cls, obj, bbox and kps with their strides, as YuNet&apos;s exporter does</source>
        <translation>出力の名前がストライド付きの cls、obj、bbox、kps です（YuNet のエクスポーターの特徴）</translation>
    </message>
    <message>
        <source>The outputs are named {logits} and {boxes}, as DETR and its kin name them</source>
        <translation>出力の名前が {logits} と {boxes} です（DETR 系の特徴）</translation>
    </message>
    <message>
        <source>The outputs are raw grids, whose anchors are not in the file</source>
        <translation>出力は生のグリッドで、アンカーがファイルに含まれていません</translation>
    </message>
    <message>
        <source>The outputs have no layout that the program knows: {shown}{more}</source>
        <translation>出力がプログラムの知らない構成です: {shown}{more}</translation>
    </message>
    <message>
        <source>The outputs hold {number} pictures</source>
        <translation>出力に {number} 枚の画像が含まれています</translation>
    </message>
    <message>
        <source>The outputs seem to have {count} classes; they are shown as numbers</source>
        <translation>出力は {count} クラスのようです。番号で表示します</translation>
    </message>
    <message>
        <source>The picture cannot be decoded</source>
        <translation>画像をデコードできません</translation>
    </message>
    <message>
        <source>The picture file is larger than {most_bytes} MiB</source>
        <translation>画像ファイルが {most_bytes} MiB を超えています</translation>
    </message>
    <message>
        <source>The picture goes in as height, width, channels, as TensorFlow has it</source>
        <translation>画像は高さ、幅、チャンネルの順に渡します（TensorFlow の特徴）</translation>
    </message>
    <message>
        <source>The picture goes in without a batch axis</source>
        <translation>画像の入力にバッチ軸がありません</translation>
    </message>
    <message>
        <source>The picture has more than {most_pixels} million pixels</source>
        <translation>画像が {most_pixels} 百万ピクセルを超えています</translation>
    </message>
    <message>
        <source>The picture is cut off</source>
        <translation>画像が途中で切れています</translation>
    </message>
    <message>
        <source>The pictures of the video cannot be decoded</source>
        <translation>動画の画像をデコードできません</translation>
    </message>
    <message>
        <source>The precision {precision} is not to be had here: {reason}</source>
        <translation>演算精度 {precision} はここでは使えません: {reason}</translation>
    </message>
    <message>
        <source>The process that built {kind} {what}</source>
        <translation>{kind} を作成するプロセスが{what}</translation>
    </message>
    <message>
        <source>The proxy of this network does not let us through</source>
        <translation>このネットワークのプロキシに通信を拒否されました</translation>
    </message>
    <message>
        <source>The recording was not converted to {suffix} but is kept: {what}</source>
        <translation>録画を {suffix} に変換できませんでしたが、元の録画は残っています: {what}</translation>
    </message>
    <message>
        <source>The results could not be taken</source>
        <translation>結果を受け取れませんでした</translation>
    </message>
    <message>
        <source>The results could not be written</source>
        <translation>結果を書き込めませんでした</translation>
    </message>
    <message>
        <source>The runtime of this backend cannot be loaded</source>
        <translation>このバックエンドのランタイムを読み込めません</translation>
    </message>
    <message>
        <source>The screen gives no picture</source>
        <translation>画面の画像が得られません</translation>
    </message>
    <message>
        <source>The server does not answer</source>
        <translation>サーバーが応答しません</translation>
    </message>
    <message>
        <source>The server does not have this file</source>
        <translation>サーバーにこのファイルがありません</translation>
    </message>
    <message>
        <source>The server has trouble ({status})</source>
        <translation>サーバーに障害が起きています（{status}）</translation>
    </message>
    <message>
        <source>The server no longer has the part that is missing</source>
        <translation>残りの部分がサーバーにありません</translation>
    </message>
    <message>
        <source>The server offers another file than the one in the catalogue ({found})</source>
        <translation>サーバーにあるファイルがカタログのものと異なります（{found}）</translation>
    </message>
    <message>
        <source>The server refuses to give this file</source>
        <translation>サーバーがこのファイルの提供を拒否しました</translation>
    </message>
    <message>
        <source>The server sends us round in circles</source>
        <translation>サーバーの転送先が循環しています</translation>
    </message>
    <message>
        <source>The server sent another part than the one that was missing</source>
        <translation>サーバーが、足りない部分とは別の部分を送ってきました</translation>
    </message>
    <message>
        <source>The server stopped sending</source>
        <translation>サーバーからの送信が止まりました</translation>
    </message>
    <message>
        <source>The server&apos;s certificate cannot be trusted</source>
        <translation>サーバーの証明書を信頼できません</translation>
    </message>
    <message>
        <source>The server&apos;s name cannot be found: there may be no network</source>
        <translation>サーバー名が見つかりません。ネットワークに接続されていない可能性があります</translation>
    </message>
    <message>
        <source>The source failed</source>
        <translation>ソースに障害が起きました</translation>
    </message>
    <message>
        <source>The stored correction of this model cannot be read</source>
        <translation>このモデルの保存済みの修正を読み込めません</translation>
    </message>
    <message>
        <source>The task failed unexpectedly</source>
        <translation>タスクが予期せず失敗しました</translation>
    </message>
    <message>
        <source>The task is not done yet</source>
        <translation>タスクはまだ終わっていません</translation>
    </message>
    <message>
        <source>The variant would not be taken for what the original is: its {different} differ</source>
        <translation>バリアントが元のモデルと同じものとして判別されません: 異なるもの: {different}</translation>
    </message>
    <message>
        <source>The variant would replace the model</source>
        <translation>バリアントがモデル自体を上書きしてしまいます</translation>
    </message>
    <message>
        <source>The video could not be written to its end: the disk is full or the file too large</source>
        <translation>動画を最後まで書き込めませんでした。ディスクがいっぱいか、ファイルが大きすぎます</translation>
    </message>
    <message>
        <source>The video encoder does not start for {size}x{size2} at {rate_hz} pictures/s</source>
        <translation>{size}x{size2}、毎秒 {rate_hz} 枚の動画エンコーダーを開始できません</translation>
    </message>
    <message>
        <source>The video is cut off: the index at its end is missing</source>
        <translation>動画が途中で切れています。末尾の索引がありません</translation>
    </message>
    <message>
        <source>The weights of the OpenVINO model are cut short</source>
        <translation>OpenVINO モデルの重みが途中で切れています</translation>
    </message>
    <message>
        <source>The {source} names {names} classes, but the outputs have {count}</source>
        <translation>{source} には {names} 個のクラス名がありますが、出力は {count} クラスです</translation>
    </message>
    <message>
        <source>Their lengths are those of strides {str} on {size}x{size2}</source>
        <translation>その長さは {size}x{size2} に対するストライド {str} のものです</translation>
    </message>
    <message>
        <source>There are 80 classes, as in COCO</source>
        <translation>COCO と同じ 80 クラスです</translation>
    </message>
    <message>
        <source>There are boxes, whole-number labels and scores</source>
        <translation>ボックス、整数のラベル、スコアがあります</translation>
    </message>
    <message>
        <source>There are labels, boxes and scores for a fixed number of queries</source>
        <translation>決まった数のクエリに対するラベル、ボックス、スコアがあります</translation>
    </message>
    <message>
        <source>There are no class names inside</source>
        <translation>クラス名が含まれていません</translation>
    </message>
    <message>
        <source>There are no stored weights of convolutions or matrix products to prune</source>
        <translation>枝刈りできる畳み込みや行列積の重みが保存されていません</translation>
    </message>
    <message>
        <source>There are too few frames to hold some out: agreement is measured on canvases themselves</source>
        <translation>フレームが少なすぎて一部を検証用に残せないため、一致率は調整に使ったフレームで計測します</translation>
    </message>
    <message>
        <source>There are {boxes} queries with a box and {logits} logits each</source>
        <translation>ボックスと {logits} 個のロジットを持つクエリが {boxes} 個あります</translation>
    </message>
    <message>
        <source>There is a file where the folder should be</source>
        <translation>フォルダーがあるべき場所にファイルがあります</translation>
    </message>
    <message>
        <source>There is no display whose picture can be taken</source>
        <translation>画像を取得できるディスプレイがありません</translation>
    </message>
    <message>
        <source>There is no family {family}</source>
        <translation>{family} というファミリーはありません</translation>
    </message>
    <message>
        <source>There is no setting {key}</source>
        <translation>{key} という設定はありません</translation>
    </message>
    <message>
        <source>There is no such backend</source>
        <translation>そのようなバックエンドはありません</translation>
    </message>
    <message>
        <source>There is no such camera</source>
        <translation>そのようなカメラはありません</translation>
    </message>
    <message>
        <source>There is no such file</source>
        <translation>ファイルがありません</translation>
    </message>
    <message>
        <source>There is no such screen</source>
        <translation>そのような画面はありません</translation>
    </message>
    <message>
        <source>There is no such variant</source>
        <translation>そのようなバリアントはありません</translation>
    </message>
    <message>
        <source>There is not enough memory</source>
        <translation>メモリが足りません</translation>
    </message>
    <message>
        <source>There is too little memory beside the others.</source>
        <translation>ほかの処理と並べて動かすにはメモリが足りません。</translation>
    </message>
    <message>
        <source>There is too little space on the disk</source>
        <translation>ディスクの空き容量が足りません</translation>
    </message>
    <message>
        <source>They are made by EfficientNMS</source>
        <translation>EfficientNMS による出力です</translation>
    </message>
    <message>
        <source>They have no batch axis, as torchvision&apos;s detectors give them</source>
        <translation>バッチ軸がありません（torchvision の検出器の特徴）</translation>
    </message>
    <message>
        <source>This OpenCV cannot use {device} on this computer</source>
        <translation>この OpenCV はこのコンピューターの {device} を使えません</translation>
    </message>
    <message>
        <source>This file was not downloaded by the program</source>
        <translation>このファイルはプログラムがダウンロードしたものではありません</translation>
    </message>
    <message>
        <source>This is RT-DETR with boxes and scores in one table, which is not read</source>
        <translation>ボックスとスコアが 1 つの表になった RT-DETR で、読み取れません</translation>
    </message>
    <message>
        <source>This is a YOLOv5 segmentation model, whose masks are not read</source>
        <translation>YOLOv5 のセグメンテーションモデルで、マスクを読み取れません</translation>
    </message>
    <message>
        <source>This is a folder</source>
        <translation>フォルダーです</translation>
    </message>
    <message>
        <source>This is a language model: it takes text</source>
        <translation>テキストを受け取る言語モデルです</translation>
    </message>
    <message>
        <source>This is an audio model: it takes sound</source>
        <translation>音声を受け取るオーディオモデルです</translation>
    </message>
    <message>
        <source>This is neither a file nor an address</source>
        <translation>ファイルでもアドレスでもありません</translation>
    </message>
    <message>
        <source>This is no setting</source>
        <translation>設定ではありません</translation>
    </message>
    <message>
        <source>This is not a COCO annotation file</source>
        <translation>COCO アノテーションファイルではありません</translation>
    </message>
    <message>
        <source>This is not a plain file</source>
        <translation>通常のファイルではありません</translation>
    </message>
    <message>
        <source>This is not a source</source>
        <translation>ソースではありません</translation>
    </message>
    <message>
        <source>This is not an address of a stream</source>
        <translation>ストリームのアドレスではありません</translation>
    </message>
    <message>
        <source>This is {kind}, not a model that can be run</source>
        <translation>実行できるモデルではなく、{kind}です</translation>
    </message>
    <message>
        <source>This looks like a detector with landmarks other than YuNet of 2023 (RetinaFace, SCRFD, older YuNet)</source>
        <translation>2023 年版 YuNet 以外のランドマーク付き検出器のようです（RetinaFace、SCRFD、古い YuNet）</translation>
    </message>
    <message>
        <source>This model</source>
        <translation>このモデル</translation>
    </message>
    <message>
        <source>Try again later</source>
        <translation>あとで再試行してください</translation>
    </message>
    <message>
        <source>Try again; if it happens again, the file was changed at its source</source>
        <translation>再試行してください。再び起きる場合は、配布元のファイルが変更されています</translation>
    </message>
    <message>
        <source>Trying coarse choices</source>
        <translation>大まかな選択を試行中</translation>
    </message>
    <message>
        <source>Trying lanes and threads</source>
        <translation>レーンとスレッドの数を試行中</translation>
    </message>
    <message>
        <source>Trying symmetric activations</source>
        <translation>対称な活性化を試行中</translation>
    </message>
    <message>
        <source>Trying the new model in a process of its own</source>
        <translation>新しいモデルを別のプロセスで試しています</translation>
    </message>
    <message>
        <source>Trying the widest ranges</source>
        <translation>最も広い範囲を試行中</translation>
    </message>
    <message>
        <source>Trying what is here</source>
        <translation>ここにあるものを試行中</translation>
    </message>
    <message>
        <source>Under Wayland windows of other programs may stay black</source>
        <translation>Wayland ではほかのプログラムのウィンドウが黒くなることがあります</translation>
    </message>
    <message>
        <source>Unexpected {name}: {error}.</source>
        <translation>予期しない {name}: {error}。</translation>
    </message>
    <message>
        <source>Unpack it and choose the model inside</source>
        <translation>展開して、中のモデルを選んでください</translation>
    </message>
    <message>
        <source>Use a batch of 1</source>
        <translation>バッチを 1 にしてください</translation>
    </message>
    <message>
        <source>Use face_detection_yunet_2023mar or later for faces</source>
        <translation>顔の検出には face_detection_yunet_2023mar 以降を使ってください</translation>
    </message>
    <message>
        <source>Waiting for an earlier compilation to end</source>
        <translation>前のコンパイルの終了待ち</translation>
    </message>
    <message>
        <source>Waiting for the connection of before to close</source>
        <translation>前の接続が閉じるのを待っています</translation>
    </message>
    <message>
        <source>Warming up</source>
        <translation>ウォームアップ中</translation>
    </message>
    <message>
        <source>Weights in 7 bits: this processor cuts off sums of 8-bit products</source>
        <translation>重みを 7 ビットに: このプロセッサは 8 ビットの積和を切り捨てます</translation>
    </message>
    <message>
        <source>Weights in half precision</source>
        <translation>重みを半精度に変換</translation>
    </message>
    <message>
        <source>Were pixels normalised as for ImageNet (taken), or to -1 to 1?</source>
        <translation>ピクセルの正規化は ImageNet 方式（現在の解釈）ですか、それとも -1～1 ですか？</translation>
    </message>
    <message>
        <source>What are the classes called? Their number does not show in the graph</source>
        <translation>クラスの名前は何ですか？グラフからは数がわかりません</translation>
    </message>
    <message>
        <source>What is known of the original beside its file is remembered on this computer for the variant</source>
        <translation>元のモデルの横のファイルからわかったことは、バリアントのためにこのコンピューターに記憶されます</translation>
    </message>
    <message>
        <source>Where it lies is not remembered: {file}</source>
        <translation>場所を記憶できませんでした: {file}</translation>
    </message>
    <message>
        <source>Which range do pixels have, -1 to 1 (taken) or another?</source>
        <translation>ピクセルの範囲は -1～1（現在の解釈）ですか、それとも別の範囲ですか？</translation>
    </message>
    <message>
        <source>Write special characters percent-encoded: @ as %40, : as %3A, / as %2F, # as %23, ? as %3F</source>
        <translation>特殊文字はパーセントエンコードで入力してください: @ は %40、: は %3A、/ は %2F、# は %23、? は %3F</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>書き込み中</translation>
    </message>
    <message>
        <source>Writing the archive</source>
        <translation>アーカイブを書き込み中</translation>
    </message>
    <message>
        <source>YOLO with NMS in the graph</source>
        <translation>NMS をグラフに含む YOLO</translation>
    </message>
    <message>
        <source>YOLO, end to end</source>
        <translation>エンドツーエンドの YOLO</translation>
    </message>
    <message>
        <source>YOLOv5 or YOLOv7</source>
        <translation>YOLOv5 または YOLOv7</translation>
    </message>
    <message>
        <source>YOLOv8 or later</source>
        <translation>YOLOv8 以降</translation>
    </message>
    <message>
        <source>a GGUF file</source>
        <translation>GGUF ファイル</translation>
    </message>
    <message>
        <source>a Git LFS pointer</source>
        <translation>Git LFS のポインター</translation>
    </message>
    <message>
        <source>a Keras file</source>
        <translation>Keras ファイル</translation>
    </message>
    <message>
        <source>a Python pickle</source>
        <translation>Python の pickle</translation>
    </message>
    <message>
        <source>a TensorFlow Lite file</source>
        <translation>TensorFlow Lite ファイル</translation>
    </message>
    <message>
        <source>a TensorRT engine</source>
        <translation>TensorRT エンジン</translation>
    </message>
    <message>
        <source>a camera that is plugged in</source>
        <translation>接続されているカメラ</translation>
    </message>
    <message>
        <source>a desktop session that programs may take pictures of</source>
        <translation>プログラムによる画面取得が許可されたデスクトップセッション</translation>
    </message>
    <message>
        <source>a detector, segmenter, pose model or classifier of a known layout</source>
        <translation>既知の構成の検出器、セグメンテーションモデル、姿勢推定モデル、分類器</translation>
    </message>
    <message>
        <source>a file name inside the model&apos;s folder</source>
        <translation>モデルのフォルダーの中のファイル名</translation>
    </message>
    <message>
        <source>a file that you may read</source>
        <translation>読み取りが許可されているファイル</translation>
    </message>
    <message>
        <source>a file, a folder of pictures, camera:0, camera:NAME, rtsp://.., http://.., screen:0 or demo</source>
        <translation>ファイル、画像フォルダー、camera:0、camera:NAME、rtsp://..、http://..、screen:0、demo のいずれか</translation>
    </message>
    <message>
        <source>a float model</source>
        <translation>浮動小数点のモデル</translation>
    </message>
    <message>
        <source>a model in ONNX Runtime&apos;s own format</source>
        <translation>ONNX Runtime 独自形式のモデル</translation>
    </message>
    <message>
        <source>a model with a picture input of 1 or 3 channels, such as 1x3x640x640</source>
        <translation>1 または 3 チャンネルの画像入力を持つモデル（例: 1x3x640x640）</translation>
    </message>
    <message>
        <source>a name in UTF-8</source>
        <translation>UTF-8 の名前</translation>
    </message>
    <message>
        <source>a picture (jpg, png, webp, bmp, tif, ppm, jp2 or avif)</source>
        <translation>画像（jpg、png、webp、bmp、tif、ppm、jp2、avif）</translation>
    </message>
    <message>
        <source>a picture alone, or with sizes or thresholds</source>
        <translation>画像だけ、または画像とサイズやしきい値</translation>
    </message>
    <message>
        <source>a picture could not be decoded</source>
        <translation>画像をデコードできませんでした</translation>
    </message>
    <message>
        <source>a picture, and inputs with known values</source>
        <translation>画像と、値のわかっている入力</translation>
    </message>
    <message>
        <source>a video file (mp4, mov, mkv, webm, avi, ts ..)</source>
        <translation>動画ファイル（mp4、mov、mkv、webm、avi、ts ..）</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>ウェブページ</translation>
    </message>
    <message>
        <source>a whole .onnx file</source>
        <translation>完全な .onnx ファイル</translation>
    </message>
    <message>
        <source>a whole file</source>
        <translation>完全なファイル</translation>
    </message>
    <message>
        <source>a zip archive or a PyTorch file</source>
        <translation>ZIP アーカイブまたは PyTorch ファイル</translation>
    </message>
    <message>
        <source>an .onnx file</source>
        <translation>.onnx ファイル</translation>
    </message>
    <message>
        <source>an .onnx file, or the .xml of an OpenVINO IR</source>
        <translation>.onnx ファイル、または OpenVINO IR の .xml</translation>
    </message>
    <message>
        <source>an .xml written by OpenVINO</source>
        <translation>OpenVINO が書き出した .xml</translation>
    </message>
    <message>
        <source>an FP32 model</source>
        <translation>FP32 モデル</translation>
    </message>
    <message>
        <source>an array ({lengths})</source>
        <translation>配列（{lengths}）</translation>
    </message>
    <message>
        <source>an input such as 1x3x640x640</source>
        <translation>1x3x640x640 のような入力</translation>
    </message>
    <message>
        <source>an unknown error</source>
        <translation>不明なエラー</translation>
    </message>
    <message>
        <source>an unknown precision</source>
        <translation>不明な演算精度</translation>
    </message>
    <message>
        <source>are left out</source>
        <translation>読み込みません</translation>
    </message>
    <message>
        <source>at least {free_bytes} MB</source>
        <translation>{free_bytes} MB 以上</translation>
    </message>
    <message>
        <source>at most 1 GiB</source>
        <translation>1 GiB 以下</translation>
    </message>
    <message>
        <source>at most {largest_side}x{largest_side2} pixels and {largest_batch} pictures at once</source>
        <translation>最大 {largest_side}x{largest_side2} ピクセル、一度に {largest_batch} 枚まで</translation>
    </message>
    <message>
        <source>cannot be opened again</source>
        <translation>再び開くことができません</translation>
    </message>
    <message>
        <source>class names</source>
        <translation>クラス名</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>connection refused</source>
        <translation>接続が拒否されました</translation>
    </message>
    <message>
        <source>correction</source>
        <translation>修正</translation>
    </message>
    <message>
        <source>crashed the runtime ({end_s})</source>
        <translation>ランタイムを異常終了させました（{end_s}）</translation>
    </message>
    <message>
        <source>decoder&apos;s options</source>
        <translation>デコーダーのオプション</translation>
    </message>
    <message>
        <source>did not finish within {seconds} s</source>
        <translation>{seconds} 秒以内に終わりませんでした</translation>
    </message>
    <message>
        <source>files such as .jpg or .png directly in it</source>
        <translation>直下に .jpg や .png などのファイル</translation>
    </message>
    <message>
        <source>float32, float16 or uint8</source>
        <translation>float32、float16、uint8 のいずれか</translation>
    </message>
    <message>
        <source>format version {ir_version} or older</source>
        <translation>形式バージョン {ir_version} 以前</translation>
    </message>
    <message>
        <source>four axes: batch, channels, height, width</source>
        <translation>4 つの軸: バッチ、チャンネル、高さ、幅</translation>
    </message>
    <message>
        <source>frames to calibrate with</source>
        <translation>キャリブレーションに使うフレーム</translation>
    </message>
    <message>
        <source>gives no picture</source>
        <translation>映像を送ってきません</translation>
    </message>
    <message>
        <source>invalid dimensions for input</source>
        <translation>入力の次元が正しくありません</translation>
    </message>
    <message>
        <source>is not plugged in</source>
        <translation>接続されていません</translation>
    </message>
    <message>
        <source>is usual for {candidate}</source>
        <translation>{candidate} で一般的</translation>
    </message>
    <message>
        <source>it answers after {latency_p50_ms} ms, {way} times as quickly as</source>
        <translation>{latency_p50_ms} ms で応答し、応答の速さは {way} 倍です</translation>
    </message>
    <message>
        <source>it takes no node of a network</source>
        <translation>ネットワークのどのノードも実行しません</translation>
    </message>
    <message>
        <source>it was played to its end</source>
        <translation>最後まで再生されました</translation>
    </message>
    <message>
        <source>its agreement of {agreement} is below the limit of {limit}</source>
        <translation>一致率 {agreement} が許容値 {limit} を下回っています</translation>
    </message>
    <message>
        <source>its codec is not named</source>
        <translation>コーデック名なし</translation>
    </message>
    <message>
        <source>its mAP is {accuracy} instead of {map}</source>
        <translation>mAP が {map} に対して {accuracy} です</translation>
    </message>
    <message>
        <source>its metadata says</source>
        <translation>メタデータの記述</translation>
    </message>
    <message>
        <source>its nodes form a circle</source>
        <translation>ノードが循環しています</translation>
    </message>
    <message>
        <source>its pictures came {lag_s} s late</source>
        <translation>映像が {lag_s} 秒遅れて届きました</translation>
    </message>
    <message>
        <source>key points</source>
        <translation>キーポイント</translation>
    </message>
    <message>
        <source>key=value, such as family=yolox</source>
        <translation>family=yolox のような key=value</translation>
    </message>
    <message>
        <source>known set {known}</source>
        <translation>既知のセット {known}</translation>
    </message>
    <message>
        <source>less than 2 GB</source>
        <translation>2 GB 未満</translation>
    </message>
    <message>
        <source>mean 0 and scale 1</source>
        <translation>平均 0、スケール 1</translation>
    </message>
    <message>
        <source>metadata</source>
        <translation>メタデータ</translation>
    </message>
    <message>
        <source>model name</source>
        <translation>モデル名</translation>
    </message>
    <message>
        <source>more than {largest_xml} bytes</source>
        <translation>{largest_xml} バイト超</translation>
    </message>
    <message>
        <source>names of inputs and outputs</source>
        <translation>入力と出力の名前</translation>
    </message>
    <message>
        <source>names that are no text</source>
        <translation>テキストでない名前</translation>
    </message>
    <message>
        <source>no connection ({name})</source>
        <translation>接続がありません（{name}）</translation>
    </message>
    <message>
        <source>no encrypted connection can be made</source>
        <translation>暗号化された接続を確立できません</translation>
    </message>
    <message>
        <source>no graph inside</source>
        <translation>中にグラフがありません</translation>
    </message>
    <message>
        <source>no picture could be decoded from it</source>
        <translation>映像をデコードできませんでした</translation>
    </message>
    <message>
        <source>no picture could be decoded from it ({names})</source>
        <translation>映像をデコードできませんでした（{names}）</translation>
    </message>
    <message>
        <source>no picture for {read_limit_s} s</source>
        <translation>{read_limit_s} 秒間映像がありません</translation>
    </message>
    <message>
        <source>no picture within {limit_s} s</source>
        <translation>{limit_s} 秒以内に映像が届きませんでした</translation>
    </message>
    <message>
        <source>one class: face</source>
        <translation>1 クラス: 顔</translation>
    </message>
    <message>
        <source>one class: person</source>
        <translation>1 クラス: 人</translation>
    </message>
    <message>
        <source>one name a line, or a JSON or YAML file with names</source>
        <translation>1 行に 1 つの名前、または名前の入った JSON か YAML ファイル</translation>
    </message>
    <message>
        <source>one of {backends}</source>
        <translation>{backends} のいずれか</translation>
    </message>
    <message>
        <source>opset {newest} or older</source>
        <translation>opset {newest} 以前</translation>
    </message>
    <message>
        <source>preprocessor_config.json beside the file says how pictures are prepared</source>
        <translation>横の preprocessor_config.json に画像の前処理が記述されています</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>scores and places of what it finds have moved too far</source>
        <translation>検出結果のスコアや位置がずれすぎています</translation>
    </message>
    <message>
        <source>side file {own}</source>
        <translation>付属ファイル {own}</translation>
    </message>
    <message>
        <source>status {status}</source>
        <translation>ステータス {status}</translation>
    </message>
    <message>
        <source>the best of {found}, chosen by OpenVINO</source>
        <translation>OpenVINO が選ぶ {found} のうち最良のもの</translation>
    </message>
    <message>
        <source>the device&apos;s own precision</source>
        <translation>デバイス本来の演算精度</translation>
    </message>
    <message>
        <source>the host cannot be reached</source>
        <translation>ホストに到達できません</translation>
    </message>
    <message>
        <source>the model holds no integer layers</source>
        <translation>モデルに整数の層がありません</translation>
    </message>
    <message>
        <source>the name of a file</source>
        <translation>ファイル名</translation>
    </message>
    <message>
        <source>the original</source>
        <translation>元のモデル</translation>
    </message>
    <message>
        <source>the original finds nothing on these frames, so they prove nothing</source>
        <translation>元のモデルがこれらのフレームで何も検出しないため、何も証明できません</translation>
    </message>
    <message>
        <source>the server answered with status {status}</source>
        <translation>サーバーがステータス {status} を返しました</translation>
    </message>
    <message>
        <source>the server asks for a way to log in that is not known</source>
        <translation>サーバーが未知のログイン方法を求めています</translation>
    </message>
    <message>
        <source>the server asks for user and password</source>
        <translation>サーバーがユーザー名とパスワードを求めています</translation>
    </message>
    <message>
        <source>the server broke the connection</source>
        <translation>サーバーが接続を切りました</translation>
    </message>
    <message>
        <source>the server does not answer</source>
        <translation>サーバーが応答しません</translation>
    </message>
    <message>
        <source>the server ended the stream</source>
        <translation>サーバーがストリームを終了しました</translation>
    </message>
    <message>
        <source>the server gave up waiting</source>
        <translation>サーバーの待ち時間が切れました</translation>
    </message>
    <message>
        <source>the server has no stream of this name</source>
        <translation>サーバーにこの名前のストリームがありません</translation>
    </message>
    <message>
        <source>the server waits for the camera</source>
        <translation>サーバーがカメラを待っています</translation>
    </message>
    <message>
        <source>the stream has no video</source>
        <translation>ストリームに映像がありません</translation>
    </message>
    <message>
        <source>the stream is gone from the server</source>
        <translation>ストリームがサーバーからなくなりました</translation>
    </message>
    <message>
        <source>there is no host of this name</source>
        <translation>この名前のホストはありません</translation>
    </message>
    <message>
        <source>this cannot be the name of a host</source>
        <translation>ホスト名として使えません</translation>
    </message>
    <message>
        <source>this is a page of text, not a video</source>
        <translation>動画ではなくテキストのページです</translation>
    </message>
    <message>
        <source>this user may not see the stream</source>
        <translation>このユーザーにはストリームの閲覧が許可されていません</translation>
    </message>
    <message>
        <source>took more than {memory_bytes} GiB of memory</source>
        <translation>{memory_bytes} GiB を超えるメモリを使いました</translation>
    </message>
    <message>
        <source>torchvision detector</source>
        <translation>torchvision の検出器</translation>
    </message>
    <message>
        <source>user or password is wrong</source>
        <translation>ユーザー名またはパスワードが正しくありません</translation>
    </message>
    <message>
        <source>version {oldest_version} or {newest_version}</source>
        <translation>バージョン {oldest_version} または {newest_version}</translation>
    </message>
    <message>
        <source>was unplugged</source>
        <translation>取り外されました</translation>
    </message>
    <message>
        <source>what answers there does not speak {protocol}</source>
        <translation>接続先が {protocol} に対応していません</translation>
    </message>
    <message>
        <source>{after} operations instead of {before}</source>
        <translation>演算が {before} 個から {after} 個に</translation>
    </message>
    <message>
        <source>{candidates} {axis} = {sum_text}: strides {strides_text}</source>
        <translation>{candidates} {axis} = {sum_text}: ストライド {strides_text}</translation>
    </message>
    <message>
        <source>{channels} classes are usual for segmentation (Cityscapes, Pascal VOC, ADE20K)</source>
        <translation>{channels} クラスはセグメンテーションで一般的です（Cityscapes、Pascal VOC、ADE20K）</translation>
    </message>
    <message>
        <source>{classes} classes are those of ImageNet</source>
        <translation>{classes} クラスは ImageNet のものです</translation>
    </message>
    <message>
        <source>{columns} columns are 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>{columns} 列はボックスの 4 辺 × 距離分布の {bins} 区間です</translation>
    </message>
    <message>
        <source>{count} of {paths} pictures cannot be read and are left out: {names}</source>
        <translation>{paths} 枚中 {count} 枚の画像を読み込めないため、除きます: {names}</translation>
    </message>
    <message>
        <source>{cure}, or choose another backend</source>
        <translation>{cure}。または別のバックエンドを選んでください</translation>
    </message>
    <message>
        <source>{cure}; or allow a fall-back (--allow-fallback), here to {got}</source>
        <translation>{cure}。または代替を許可してください (--allow-fallback)。ここでは {got} になります</translation>
    </message>
    <message>
        <source>{device} computes in {shares} when asked for {precision}</source>
        <translation>{precision} を指定しましたが、{device} は {shares} で計算します</translation>
    </message>
    <message>
        <source>{device} does not know {precision}</source>
        <translation>{device} は {precision} に対応していません</translation>
    </message>
    <message>
        <source>{elsewhere} of {placement} nodes run on the CPU: {place} lacks them</source>
        <translation>{placement} ノード中 {elsewhere} ノードは CPU で動きます。{place} が対応していません</translation>
    </message>
    <message>
        <source>{end} bytes or more, it has {sizes}</source>
        <translation>{end} バイト以上ですが、{sizes} です</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast</source>
        <translation>{entry} は {way} 倍の速さです</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast, but {report}.</source>
        <translation>{entry} は {way} 倍の速さですが、{report}。</translation>
    </message>
    <message>
        <source>{geometries}, one for each picture of the batch</source>
        <translation>{geometries}（バッチの画像ごとに 1 つ）</translation>
    </message>
    <message>
        <source>{given} of {linear} convolutions and matrix products in INT8 ({share} of multiply-adds)</source>
        <translation>畳み込みと行列積 {linear} 個中 {given} 個が INT8（積和演算の {share}）</translation>
    </message>
    <message>
        <source>{half_nodes} of {count} operations in half precision</source>
        <translation>{count} 個中 {half_nodes} 個の演算が半精度</translation>
    </message>
    <message>
        <source>{key}={value} cannot be used</source>
        <translation>{key}={value} は使えません</translation>
    </message>
    <message>
        <source>{kind} cannot be built without frames</source>
        <translation>{kind} はフレームがないと作成できません</translation>
    </message>
    <message>
        <source>{location} in the same folder</source>
        <translation>同じフォルダーに {location}</translation>
    </message>
    <message>
        <source>{logits} logits are the classes of COCO</source>
        <translation>{logits} 個のロジットは COCO のクラスです</translation>
    </message>
    <message>
        <source>{missing} MB free, and {free} MB are</source>
        <translation>{missing} MB の空き（現在 {free} MB）</translation>
    </message>
    <message>
        <source>{missing} of {image_ids} annotated pictures are missing, the first is {missing2}</source>
        <translation>アノテーション付きの画像 {image_ids} 枚中 {missing} 枚がありません。最初のものは {missing2} です</translation>
    </message>
    <message>
        <source>{most_nodes} nodes at most</source>
        <translation>ノード {most_nodes} 個以下</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, cannot be loaded</source>
        <translation>このバリアントを作成する {name} を読み込めません</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, is not installed</source>
        <translation>このバリアントを作成する {name} がインストールされていません</translation>
    </message>
    <message>
        <source>{output} before {fused}</source>
        <translation>{fused} の前の {output}</translation>
    </message>
    <message>
        <source>{output} rows = {sum_text}: strides {strides_text}</source>
        <translation>{output} 行 = {sum_text}: ストライド {strides_text}</translation>
    </message>
    <message>
        <source>{phase}, best so far {speed_up} times as fast</source>
        <translation>{phase}、これまでの最良は {speed_up} 倍の速さ</translation>
    </message>
    <message>
        <source>{place} computes this model in {got} when asked for {wanted}</source>
        <translation>{wanted} を指定しましたが、{place} はこのモデルを {got} で計算します</translation>
    </message>
    <message>
        <source>{place} refuses it</source>
        <translation>{place} が拒否しました</translation>
    </message>
    <message>
        <source>{place} took no part of the model</source>
        <translation>{place} はモデルのどの部分も実行しませんでした</translation>
    </message>
    <message>
        <source>{plain} or pruned-1 to pruned-99</source>
        <translation>{plain} または pruned-1 ～ pruned-99</translation>
    </message>
    <message>
        <source>{re_export} with an older onnx package, or update Inferoscope</source>
        <translation>{re_export}（古い onnx パッケージを使う）か、Inferoscope を更新してください</translation>
    </message>
    <message>
        <source>{re_export} with opset 17 to {newest}, or update Inferoscope</source>
        <translation>{re_export}（opset 17～{newest} を使う）か、Inferoscope を更新してください</translation>
    </message>
    <message>
        <source>{re_export}, or copy or download it again</source>
        <translation>{re_export}。またはコピーかダウンロードをし直してください</translation>
    </message>
    <message>
        <source>{reason}. Trying again in {left_s} s</source>
        <translation>{reason}。{left_s} 秒後に再試行します</translation>
    </message>
    <message>
        <source>{rows}, one anchor a cell</source>
        <translation>{rows}、セルあたり 1 アンカー</translation>
    </message>
    <message>
        <source>{rows}, three anchors a cell, as in YOLOv5 and YOLOv7</source>
        <translation>{rows}、セルあたり 3 アンカー（YOLOv5 と YOLOv7 の特徴）</translation>
    </message>
    <message>
        <source>{runtime} lists it, but it runs nothing: {answers}</source>
        <translation>{runtime} の一覧にはありますが、何も動きません: {answers}</translation>
    </message>
    <message>
        <source>{source_id} has ended</source>
        <translation>{source_id} は終了しました</translation>
    </message>
    <message>
        <source>{source_id} is live</source>
        <translation>{source_id} はライブです</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, next try in {delay_s} s</source>
        <translation>{source_id} はオフラインです: {why}、次の試行まで {delay_s} 秒</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, try {attempt} is running</source>
        <translation>{source_id} はオフラインです: {why}、再試行中（{attempt} 回目）</translation>
    </message>
    <message>
        <source>{source_id} is stopped</source>
        <translation>{source_id} は停止しています</translation>
    </message>
    <message>
        <source>{source_id} {what}; next try in {delay_s} s</source>
        <translation>{source_id} は{what}。次の試行まで {delay_s} 秒</translation>
    </message>
    <message>
        <source>{speed_up} times as fast on one thread and agrees to {agreement}</source>
        <translation>1 スレッドで {speed_up} 倍の速さで、一致率は {agreement} です</translation>
    </message>
    <message>
        <source>{verdict}; the original in {name} runs {speed_up} times as fast on one thread as in FP32</source>
        <translation>{verdict}。元のモデルを {name} で動かすと 1 スレッドで FP32 の {speed_up} 倍の速さです</translation>
    </message>
    <message>
        <source>{title} cannot run this model</source>
        <translation>{title} ではこのモデルを実行できません</translation>
    </message>
    <message>
        <source>Other work took {disturbance} of the processor meanwhile, so speeds are rough: measure again when the computer is quiet.</source>
        <translation>計測中にほかの処理がプロセッサの {disturbance} を使っていたため、速度は大まかな値です。コンピューターの負荷が軽いときに計測し直してください。</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {map_lost} lower</source>
        <translation>{told}。mAP は {map_lost} 下がります</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {value} higher</source>
        <translation>{told}。mAP は {value} 上がります</translation>
    </message>
    <message>
        <source>{unread} labelled pictures gave no result, the first is {unread2}</source>
        <translation>ラベル付きの画像 {unread} 枚で結果が得られませんでした。最初のものは {unread2} です</translation>
    </message>
    <message>
        <source>{verdict}; keep the original</source>
        <translation>{verdict}。元のモデルのままにしてください</translation>
    </message>
    <message>
        <source>{way} the original on {badge}</source>
        <translation>元のモデル（{badge}）と比べて、{way}</translation>
    </message>
    <message>
        <source>{way} times as many frames a second as</source>
        <translation>1 秒のフレーム数は {way} 倍です</translation>
    </message>
    <message>
        <source>{what} is missing from this installation</source>
        <translation>{what}がこのインストールに含まれていません</translation>
    </message>
    <message>
        <source>{what}, but nobody has looked at what it loses: name a source.</source>
        <translation>{what}。ただし、失われるものは調べていません。ソースを指定してください。</translation>
    </message>
    <message>
        <source>{what}; next try in {delay_s} s</source>
        <translation>{what}。次の試行まで {delay_s} 秒</translation>
    </message>
    <message>
        <source>{zeroed} of {count} weights zeroed</source>
        <translation>{count} 個中 {zeroed} 個の重みをゼロにしました</translation>
    </message>
    <message>
        <source>{sentence}.</source>
        <translation>{sentence}。</translation>
    </message>
    <message>
        <source>{what}; expected {expected}</source>
        <translation>{what}。期待される内容: {expected}</translation>
    </message>
    <message>
        <source>{subject}: {sentence}</source>
        <translation>{subject}: {sentence}</translation>
    </message>
</context>
<context>
    <name>Execution</name>
    <message>
        <source>No model</source>
        <translation>モデルなし</translation>
    </message>
    <message>
        <source>Does not run</source>
        <translation>動作していません</translation>
    </message>
    <message>
        <source>Not running yet</source>
        <translation>まだ動いていません</translation>
    </message>
    <message>
        <source>{phase} · {elapsed} s</source>
        <translation>{phase} · {elapsed} 秒</translation>
    </message>
    <message>
        <source>What was asked for last does not run: {why}</source>
        <translation>最後に指定した設定では動きません: {why}</translation>
    </message>
    <message>
        <source>{wanted} was asked for, {got} runs: {reason}. {cure}.</source>
        <translation>{wanted} を指定しましたが、{got} で動いています: {reason}。{cure}。</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>バックエンド</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>実行先</translation>
    </message>
    <message>
        <source>not told</source>
        <translation>情報なし</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>ハードウェア</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>指定</translation>
    </message>
    <message>
        <source>Computed in</source>
        <translation>演算精度</translation>
    </message>
    <message>
        <source>Placed on</source>
        <translation>配置</translation>
    </message>
    <message>
        <source>Tuned for</source>
        <translation>調整方針</translation>
    </message>
    <message>
        <source>In parallel</source>
        <translation>並列処理</translation>
    </message>
    <message>
        <source>Made ready in</source>
        <translation>準備時間</translation>
    </message>
    <message>
        <source>any device</source>
        <translation>任意のデバイス</translation>
    </message>
    <message>
        <source>{device}, precision {precision}</source>
        <translation>{device}、演算精度 {precision}</translation>
    </message>
    <message>
        <source>{place}: {count} operations</source>
        <translation>{place}: {count} 演算</translation>
    </message>
    <message>
        <source>most frames per second</source>
        <translation>フレームレート優先</translation>
    </message>
    <message>
        <source>shortest delay</source>
        <translation>低遅延優先</translation>
    </message>
    <message>
        <source>{lanes} frames</source>
        <translation>{lanes} フレーム</translation>
    </message>
    <message>
        <source>{lanes} frames, {threads} processor threads in all</source>
        <translation>{lanes} フレーム、プロセッサのスレッド数 計 {threads}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>from the cache</source>
        <translation>キャッシュから</translation>
    </message>
    <message>
        <source>compiled anew</source>
        <translation>新たにコンパイル</translation>
    </message>
</context>
<context>
    <name>Family</name>
    <message>
        <source>YOLOv5, YOLOv7</source>
        <translation>YOLOv5, YOLOv7</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11, YOLO12</source>
        <translation>YOLOv8, YOLO11, YOLO12</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: outlines</source>
        <translation>YOLOv8, YOLO11: 輪郭</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: keypoints</source>
        <translation>YOLOv8, YOLO11: キーポイント</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: boxes at any angle</source>
        <translation>YOLOv8, YOLO11: 回転ボックス</translation>
    </message>
    <message>
        <source>YOLOv10, YOLO26</source>
        <translation>YOLOv10, YOLO26</translation>
    </message>
    <message>
        <source>YOLO26: outlines</source>
        <translation>YOLO26: 輪郭</translation>
    </message>
    <message>
        <source>YOLO26: keypoints</source>
        <translation>YOLO26: キーポイント</translation>
    </message>
    <message>
        <source>YOLO26: boxes at any angle</source>
        <translation>YOLO26: 回転ボックス</translation>
    </message>
    <message>
        <source>YOLOX</source>
        <translation>YOLOX</translation>
    </message>
    <message>
        <source>NanoDet</source>
        <translation>NanoDet</translation>
    </message>
    <message>
        <source>SSD of TensorFlow</source>
        <translation>TensorFlow の SSD</translation>
    </message>
    <message>
        <source>SSD of OpenVINO</source>
        <translation>OpenVINO の SSD</translation>
    </message>
    <message>
        <source>Detector of torchvision</source>
        <translation>torchvision の検出器</translation>
    </message>
    <message>
        <source>RT-DETR, D-FINE, DEIM</source>
        <translation>RT-DETR, D-FINE, DEIM</translation>
    </message>
    <message>
        <source>DETR, RF-DETR</source>
        <translation>DETR, RF-DETR</translation>
    </message>
    <message>
        <source>YOLO with finished boxes</source>
        <translation>完成したボックスを出力する YOLO</translation>
    </message>
    <message>
        <source>YuNet: faces</source>
        <translation>YuNet: 顔</translation>
    </message>
    <message>
        <source>Classifier</source>
        <translation>分類器</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>セマンティックセグメンテーション</translation>
    </message>
</context>
<context>
    <name>Grid</name>
    <message>
        <source>Pictures</source>
        <translation>映像</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>Nothing is running</source>
        <translation>動いているものはありません</translation>
    </message>
    <message>
        <source>; {count} more with trouble</source>
        <translation>、ほか {count} 本にも問題があります</translation>
    </message>
    <message>
        <source>{good} of {all} streams are live; {trouble}</source>
        <translation>{all} 本中 {good} 本のストリームがライブです。{trouble}</translation>
    </message>
    <message>
        <source>1 of {all} streams is live; {trouble}</source>
        <translation>{all} 本中 1 本のストリームがライブです。{trouble}</translation>
    </message>
    <message>
        <source>{name} needs its password</source>
        <translation>{name} にはパスワードが必要です</translation>
    </message>
    <message>
        <source>{name} does not run: {what}</source>
        <translation>{name} が動いていません: {what}</translation>
    </message>
    <message>
        <source>{name} has given no picture for {age} s</source>
        <translation>{name} から {age} 秒間映像が届いていません</translation>
    </message>
    <message>
        <source>no connection</source>
        <translation>接続がありません</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, trying again ({attempt})</source>
        <translation>{name} はオフラインです: {why}。再試行中（{attempt} 回目）</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, next try in {wait} s</source>
        <translation>{name} はオフラインです: {why}。次の試行まで {wait} 秒</translation>
    </message>
    <message>
        <source>The model {name} does not run as wanted: {what}</source>
        <translation>モデル {name} が指定どおりに動いていません: {what}</translation>
    </message>
    <message>
        <source>The model {name} is being loaded: {phase}</source>
        <translation>モデル {name} を読み込み中: {phase}</translation>
    </message>
    <message>
        <source>{live} of {all} streams are running</source>
        <translation>{all} 本中 {live} 本のストリームが動作中です</translation>
    </message>
    <message>
        <source>1 of {all} streams is running</source>
        <translation>{all} 本中 1 本のストリームが動作中です</translation>
    </message>
    <message>
        <source>{count} connecting</source>
        <translation>接続中 {count} 本</translation>
    </message>
    <message>
        <source>{count} paused</source>
        <translation>一時停止 {count} 本</translation>
    </message>
    <message>
        <source>{count} at the end</source>
        <translation>終了 {count} 本</translation>
    </message>
    <message>
        <source>{name}: connecting</source>
        <translation>{name}: 接続中</translation>
    </message>
    <message>
        <source>{name} has come to its end</source>
        <translation>{name} は最後まで再生されました</translation>
    </message>
    <message>
        <source>{name} is paused</source>
        <translation>{name} は一時停止中です</translation>
    </message>
    <message>
        <source>{name} is live</source>
        <translation>{name} はライブです</translation>
    </message>
    <message>
        <source>{name} is shown</source>
        <translation>{name} を表示しています</translation>
    </message>
    <message>
        <source>{name} is playing</source>
        <translation>{name} を再生しています</translation>
    </message>
    <message>
        <source>Both streams are live</source>
        <translation>2 本のストリームがどちらもライブです</translation>
    </message>
    <message>
        <source>Both streams are running</source>
        <translation>2 本のストリームがどちらも動作中です</translation>
    </message>
    <message>
        <source>All {count} streams are live</source>
        <translation>{count} 本のストリームがすべてライブです</translation>
    </message>
    <message>
        <source>All {count} streams are running</source>
        <translation>{count} 本のストリームがすべて動作中です</translation>
    </message>
    <message>
        <source>State of the program</source>
        <translation>プログラムの状態</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>問題なし</translation>
    </message>
    <message>
        <source>Problems: {count}</source>
        <translation>問題: {count}</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it</source>
        <translation>起きた問題とその対処方法</translation>
    </message>
</context>
<context>
    <name>KeepAwake</name>
    <message>
        <source>This system does not let programs keep it awake</source>
        <translation>このシステムでは、プログラムからスリープを防ぐことができません</translation>
    </message>
</context>
<context>
    <name>Licences</name>
    <message>
        <source>Licences</source>
        <translation>ライセンス</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
</context>
<context>
    <name>Loading</name>
    <message>
        <source>Looking for devices</source>
        <translation>デバイスを検索中</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>モデルを判別中</translation>
    </message>
</context>
<context>
    <name>Manual</name>
    <message>
        <source>Contents</source>
        <translation>目次</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>検索結果</translation>
    </message>
    <message>
        <source>Nothing in the manual has these words.</source>
        <translation>マニュアルに該当する箇所はありません。</translation>
    </message>
    <message>
        <source>Manual of Inferoscope</source>
        <translation>Inferoscope マニュアル</translation>
    </message>
    <message>
        <source>Chapter</source>
        <translation>章</translation>
    </message>
    <message>
        <source>Search the manual</source>
        <translation>マニュアルを検索</translation>
    </message>
    <message>
        <source>Back to the place before</source>
        <translation>前の場所に戻る</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>次の場所に進む</translation>
    </message>
    <message>
        <source>First page of the manual</source>
        <translation>マニュアルの最初のページ</translation>
    </message>
    <message>
        <source>Larger letters</source>
        <translation>文字を大きく</translation>
    </message>
    <message>
        <source>Smaller letters</source>
        <translation>文字を小さく</translation>
    </message>
    <message>
        <source>The manual is in English.</source>
        <translation>マニュアルは英語です。</translation>
    </message>
</context>
<context>
    <name>MessageStrip</name>
    <message>
        <source>Progress</source>
        <translation>進み具合</translation>
    </message>
    <message>
        <source>Use now</source>
        <translation>今すぐ使う</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>メッセージを閉じる</translation>
    </message>
</context>
<context>
    <name>Model</name>
    <message>
        <source>Demo: bottle inspection</source>
        <translation>デモ: ボトル検査</translation>
    </message>
    <message>
        <source>Comes with the program</source>
        <translation>プログラムに付属</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Input</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>合わせ方</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>値</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>バッチ</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>クラス</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>キーポイント</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>重み</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>unknown, shown as numbers</source>
        <translation>不明（番号で表示）</translation>
    </message>
    <message>
        <source>{count}, from {source}</source>
        <translation>{count}（{source} より）</translation>
    </message>
    <message>
        <source>ONNX, opset {opset}</source>
        <translation>ONNX、opset {opset}</translation>
    </message>
    <message>
        <source>OpenVINO IR</source>
        <translation>OpenVINO IR</translation>
    </message>
    <message>
        <source>{phase}, {elapsed:.0f} s</source>
        <translation>{phase}、{elapsed:.0f} 秒</translation>
    </message>
    <message>
        <source>{phase}, {elapsed:.0f} of about {expected:.0f} s</source>
        <translation>{phase}、{elapsed:.0f} 秒／約 {expected:.0f} 秒</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使う</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>フォルダーで表示</translation>
    </message>
    <message>
        <source>Remove from the list; the file stays</source>
        <translation>一覧から除く（ファイルは残ります）</translation>
    </message>
    <message>
        <source>Delete the downloaded file</source>
        <translation>ダウンロードしたファイルを削除</translation>
    </message>
    <message>
        <source>Use {title}</source>
        <translation>{title} を使う</translation>
    </message>
    <message>
        <source>Show {title} in its folder</source>
        <translation>{title} をフォルダーで表示</translation>
    </message>
    <message>
        <source>Remove {title} from the list</source>
        <translation>{title} を一覧から除く</translation>
    </message>
    <message>
        <source>Delete the file of {title}</source>
        <translation>{title} のファイルを削除</translation>
    </message>
    <message>
        <source>Delete the file?</source>
        <translation>ファイルを削除しますか？</translation>
    </message>
    <message>
        <source>Delete the file of {title}?</source>
        <translation>{title} のファイルを削除しますか？</translation>
    </message>
    <message>
        <source>It was downloaded by the program, and can be downloaded again.</source>
        <translation>プログラムがダウンロードしたファイルです。もう一度ダウンロードできます。</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>削除</translation>
    </message>
</context>
<context>
    <name>ModelPanel</name>
    <message>
        <source>Forget the correction</source>
        <translation>修正を破棄</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>修正…</translation>
    </message>
    <message>
        <source>Say what the program took wrongly, and see at once what it changes.</source>
        <translation>判別の誤りを指摘すると、何が変わるかをすぐに確かめられます。</translation>
    </message>
    <message>
        <source>Drop an ONNX or OpenVINO file here</source>
        <translation>ONNX または OpenVINO ファイルをここにドロップ</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>モデルを開く…</translation>
    </message>
    <message>
        <source>Or choose one that is here</source>
        <translation>または、手元にあるものを選んでください</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>読み込みの進み具合</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再試行</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>詳細</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Show what the model takes and gives, and what speaks for this guess.</source>
        <translation>モデルの入出力と、この判別の根拠を表示します。</translation>
    </message>
    <message>
        <source>You corrected what the program took this model for.</source>
        <translation>このモデルの判別結果はあなたが修正しました。</translation>
    </message>
    <message>
        <source>{name}: {now} now, {most} at most on one picture</source>
        <translation>{name}: 現在 {now}、1 枚で最大 {most}</translation>
    </message>
    <message>
        <source>{name}, {now}</source>
        <translation>{name}、{now}</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>クラスを検索</translation>
    </message>
    <message>
        <source>All</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>Draw all classes that are listed.</source>
        <translation>一覧のクラスをすべて表示します。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Draw none of those that are listed.</source>
        <translation>一覧のクラスをすべて非表示にします。</translation>
    </message>
    <message>
        <source>Only seen</source>
        <translation>検出済みのみ</translation>
    </message>
    <message>
        <source>List only classes seen so far.</source>
        <translation>これまでに検出されたクラスだけを一覧に出します。</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>クラス</translation>
    </message>
    <message>
        <source>Space draws or hides a class, Return changes its colour.</source>
        <translation>スペースキーで表示／非表示、Enter キーで色を変更します。</translation>
    </message>
    <message>
        <source>Colour of {name}</source>
        <translation>{name} の色</translation>
    </message>
    <message>
        <source>Order of the classes</source>
        <translation>クラスの並び順</translation>
    </message>
    <message>
        <source>By count</source>
        <translation>数の順</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>名前順</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>番号順</translation>
    </message>
    <message>
        <source>No class is called like that.</source>
        <translation>該当するクラスはありません。</translation>
    </message>
    <message>
        <source>Nothing was seen yet.</source>
        <translation>まだ何も検出されていません。</translation>
    </message>
    <message>
        <source>The model does not say which classes it has; those that it finds will be listed here.</source>
        <translation>このモデルにはクラスの情報がありません。検出したクラスがここに並びます。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Changes are for all tiles.</source>
        <translation>変更はすべてのタイルに適用されます。</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>しきい値</translation>
    </message>
    <message>
        <source>Folds or unfolds this section</source>
        <translation>この欄を開閉します</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>信頼度</translation>
    </message>
    <message>
        <source>Finds that the model is less sure of are left out.</source>
        <translation>これより確信度の低い検出は除かれます。</translation>
    </message>
    <message>
        <source>Overlap</source>
        <translation>重なり</translation>
    </message>
    <message>
        <source>Boxes of one class that overlap more than this (IoU) are taken for one object.</source>
        <translation>同じクラスのボックスの重なり（IoU）がこれより大きいと、1 つの物体とみなします。</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>最大数</translation>
    </message>
    <message>
        <source>No more objects than this are kept on a picture; the best ones stay.</source>
        <translation>1 枚の映像に残す物体の最大数です。スコアの高いものが残ります。</translation>
    </message>
    <message>
        <source>{tip} Double-click on the name for the usual value.</source>
        <translation>{tip} 名前をダブルクリックすると通常の値に戻ります。</translation>
    </message>
</context>
<context>
    <name>ModelWords</name>
    <message>
        <source>Finds objects</source>
        <translation>物体を検出</translation>
    </message>
    <message>
        <source>Finds objects and their outlines</source>
        <translation>物体とその輪郭を検出</translation>
    </message>
    <message>
        <source>Finds objects and their keypoints</source>
        <translation>物体とそのキーポイントを検出</translation>
    </message>
    <message>
        <source>Finds objects at any angle</source>
        <translation>物体を任意の角度で検出</translation>
    </message>
    <message>
        <source>Says what a picture shows</source>
        <translation>映像の内容を分類</translation>
    </message>
    <message>
        <source>Gives every pixel a class</source>
        <translation>全ピクセルをクラス分け</translation>
    </message>
    <message>
        <source>Finds faces</source>
        <translation>顔を検出</translation>
    </message>
    <message>
        <source>letterbox, centred</source>
        <translation>レターボックス（中央）</translation>
    </message>
    <message>
        <source>letterbox, top left</source>
        <translation>レターボックス（左上）</translation>
    </message>
    <message>
        <source>stretched</source>
        <translation>引き伸ばし</translation>
    </message>
    <message>
        <source>cut at the longer sides</source>
        <translation>長辺を切り取り</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>グレー</translation>
    </message>
    <message>
        <source>0 to 255</source>
        <translation>0～255</translation>
    </message>
    <message>
        <source>0 to 1</source>
        <translation>0～1</translation>
    </message>
    <message>
        <source>corrected by you</source>
        <translation>あなたが修正</translation>
    </message>
    <message>
        <source>{share:.0f} % sure</source>
        <translation>確度 {share:.0f} %</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Only {count} files are added at a time</source>
        <translation>一度に追加できるファイルは {count} 個までです</translation>
    </message>
    <message>
        <source>Add the others afterwards</source>
        <translation>残りはあとで追加してください</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>{name} を読み込み中</translation>
    </message>
    <message>
        <source>The folder does not answer: {folder}</source>
        <translation>フォルダーが応答しません: {folder}</translation>
    </message>
    <message>
        <source>{done} of {all}</source>
        <translation>{done} / {all}</translation>
    </message>
    <message>
        <source>{amount} per second</source>
        <translation>毎秒 {amount}</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>残り {count} 秒</translation>
    </message>
    <message>
        <source>{count} min left</source>
        <translation>残り {count} 分</translation>
    </message>
    <message>
        <source>1 class</source>
        <translation>1 クラス</translation>
    </message>
    <message>
        <source>{count} classes</source>
        <translation>{count} クラス</translation>
    </message>
    <message>
        <source>Unfinished downloads</source>
        <translation>未完了のダウンロード</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>{title} のダウンロード</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>モデルを読み込み中</translation>
    </message>
    <message>
        <source>Variants: {titles}</source>
        <translation>バリアント: {titles}</translation>
    </message>
    <message>
        <source>Add the models that are missing again</source>
        <translation>見つからないモデルを追加し直してください</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>マイモデル</translation>
    </message>
    <message>
        <source>The folder cannot be shown by a program of this computer</source>
        <translation>このコンピューターのプログラムではフォルダーを表示できません</translation>
    </message>
    <message>
        <source>Open the folder yourself</source>
        <translation>フォルダーをご自身で開いてください</translation>
    </message>
    <message>
        <source>{title} is now one of your models.</source>
        <translation>{title} をマイモデルに追加しました。</translation>
    </message>
    <message>
        <source>All tasks</source>
        <translation>すべてのタスク</translation>
    </message>
    <message>
        <source>{count} more could not be added, see Problems.</source>
        <translation>ほか {count} 個は追加できませんでした。「問題」をご覧ください。</translation>
    </message>
    <message>
        <source>Added {name}: {task}.</source>
        <translation>{name} を追加しました: {task}。</translation>
    </message>
    <message>
        <source>Added {count} models.</source>
        <translation>{count} 個のモデルを追加しました。</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Task</source>
        <translation>タスク</translation>
    </message>
    <message>
        <source>Add a model…</source>
        <translation>モデルを追加…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file; it stays where it is</source>
        <translation>ONNX または OpenVINO ファイルを選びます。ファイルは移動しません</translation>
    </message>
    <message>
        <source>No open model matches the search.</source>
        <translation>検索に一致する公開モデルはありません。</translation>
    </message>
    <message>
        <source>Add models</source>
        <translation>モデルを追加</translation>
    </message>
    <message>
        <source>Models (*.onnx *.xml)</source>
        <translation>モデル (*.onnx *.xml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>マイモデル</translation>
    </message>
    <message>
        <source>Open models</source>
        <translation>公開モデル</translation>
    </message>
    <message>
        <source>Free to download, each under its own licence. Nothing is fetched before you ask for it.</source>
        <translation>無料でダウンロードできます。ライセンスはモデルごとに異なります。操作するまで何もダウンロードしません。</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>検索</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>モデルを検索</translation>
    </message>
    <message>
        <source>Drop the files to add them to your models</source>
        <translation>ファイルをドロップするとマイモデルに追加されます</translation>
    </message>
    <message>
        <source>None of your models matches the search.</source>
        <translation>検索に一致するマイモデルはありません。</translation>
    </message>
    <message>
        <source>You have no models yet: drop an ONNX or OpenVINO file here, or download one of the open models.</source>
        <translation>モデルがまだありません。ONNX または OpenVINO ファイルをここにドロップするか、公開モデルをダウンロードしてください。</translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>In my models</source>
        <translation>追加済み</translation>
    </message>
    <message>
        <source>Open the web page of this model, with its licence</source>
        <translation>このモデルのウェブページ（ライセンスを含む）を開きます</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使う</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>破棄</translation>
    </message>
    <message>
        <source>Delete what has come so far</source>
        <translation>ダウンロード済みの部分を削除します</translation>
    </message>
    <message>
        <source>Licence of {title}: {licence}</source>
        <translation>{title} のライセンス: {licence}</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>{title} のダウンロード</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再試行</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>続ける</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>ダウンロード</translation>
    </message>
</context>
<context>
    <name>Optimise</name>
    <message>
        <source>{before}; the best so far is {speed} times as fast</source>
        <translation>{before}。これまでの最良は {speed} 倍の速さ</translation>
    </message>
    <message>
        <source>Trying what stays precise, kind by kind</source>
        <translation>高精度に残す部分を種類ごとに試行中</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>影響の大きい層を探索中</translation>
    </message>
    <message>
        <source>Keeping costly layers precise</source>
        <translation>影響の大きい層を高精度に維持中</translation>
    </message>
    <message>
        <source>Making more layers fast again</source>
        <translation>さらに多くの層を高速化中</translation>
    </message>
    <message>
        <source>Trying another way to round</source>
        <translation>別の丸め方を試行中</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>全フレームで確認中</translation>
    </message>
    <message>
        <source>{count} of {wanted} frames that differ</source>
        <translation>内容の異なるフレーム {count} / {wanted}</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>モデルを読み込み中</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>変換中</translation>
    </message>
    <message>
        <source>Fusing layers</source>
        <translation>層を融合中</translation>
    </message>
    <message>
        <source>Fitting it to your frames</source>
        <translation>フレームに合わせて調整中</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>重みを選択中</translation>
    </message>
    <message>
        <source>Seeing how small it packs</source>
        <translation>圧縮後のサイズを確認中</translation>
    </message>
    <message>
        <source>Writing the file</source>
        <translation>ファイルを書き込み中</translation>
    </message>
    <message>
        <source>Checking that it runs</source>
        <translation>動作を確認中</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>読み込み中</translation>
    </message>
    <message>
        <source>Measuring the speed, round {number}</source>
        <translation>速度を計測中（{number} 回目）</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>ラベルと比較中</translation>
    </message>
    <message>
        <source>Comparing what is found, frame by frame</source>
        <translation>検出結果をフレームごとに比較中</translation>
    </message>
    <message>
        <source>Only {count} of the frames differ; with {wanted} the result is surer.</source>
        <translation>内容の異なるフレームは {count} 枚だけです。{wanted} 枚あると、結果がより確かになります。</translation>
    </message>
    <message>
        <source>There are too few frames: what is measured with them is a hint, no proof.</source>
        <translation>フレームが少なすぎます。計測結果は目安であり、証明にはなりません。</translation>
    </message>
    <message>
        <source>{name} has no INT8 variant yet. Build one here; it is swapped in when it is ready.</source>
        <translation>{name} には INT8 バリアントがまだありません。ここで作成でき、できあがると自動で切り替わります。</translation>
    </message>
    <message>
        <source>Stopped. What was finished is kept.</source>
        <translation>停止しました。できあがった分は残っています。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>停止しました。</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>最適化</translation>
    </message>
    <message>
        <source>{title} takes over as soon as it is loaded; the stream goes on meanwhile.</source>
        <translation>{title} は読み込みが済みしだい切り替わります。その間もストリームは続きます。</translation>
    </message>
    <message>
        <source>{title} runs now.</source>
        <translation>{title} が動作しています。</translation>
    </message>
    <message>
        <source>Copied {count} variants to {folder}.</source>
        <translation>{count} 個のバリアントを {folder} にコピーしました。</translation>
    </message>
    <message>
        <source>The report is saved: {path}</source>
        <translation>レポートを保存しました: {path}</translation>
    </message>
    <message>
        <source>Done. Nothing is both faster and within what may be lost: keep the original.</source>
        <translation>完了しました。許容範囲内で速くなるものはありませんでした。元のモデルのままがよいでしょう。</translation>
    </message>
    <message>
        <source>Done. Take {title}: {speed:.2f} times as fast as the original.</source>
        <translation>完了しました。おすすめは {title} です。元のモデルの {speed:.2f} 倍の速さです。</translation>
    </message>
    <message>
        <source>Not built: {count}, see the table.</source>
        <translation>作成できなかったもの: {count} 個（表をご覧ください）</translation>
    </message>
    <message>
        <source>On this frame {share} of the finds agree.</source>
        <translation>このフレームでは検出の {share} が一致しています。</translation>
    </message>
    <message>
        <source>keep it</source>
        <translation>そのまま使う</translation>
    </message>
    <message>
        <source>loses too much</source>
        <translation>損失が大きすぎる</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>おすすめ</translation>
    </message>
    <message>
        <source>slower</source>
        <translation>遅い</translation>
    </message>
    <message>
        <source>fine</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>The model as it is, on {badge}: what the others are held against.</source>
        <translation>元のままのモデル（{badge}）。ほかのものはこれと比較します。</translation>
    </message>
    <message>
        <source>not built</source>
        <translation>作成できず</translation>
    </message>
    <message>
        <source>Swap in the best when it is ready</source>
        <translation>できあがったら最良のものに切り替える</translation>
    </message>
    <message>
        <source>Swap in {title} when it is ready</source>
        <translation>できあがったら {title} に切り替える</translation>
    </message>
    <message>
        <source>What this tile shows</source>
        <translation>このタイルの映像</translation>
    </message>
    <message>
        <source>Finding a good INT8 may take up to 20 minutes.</source>
        <translation>良い INT8 を探すには最大 20 分かかることがあります。</translation>
    </message>
    <message>
        <source>It takes some minutes.</source>
        <translation>数分かかります。</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>まずモデルを選んでください。</translation>
    </message>
    <message>
        <source>The model is being read.</source>
        <translation>モデルを読み込んでいます。</translation>
    </message>
    <message>
        <source>Choose where frames come from: open a source on the Live page, or choose a file.</source>
        <translation>フレームの取得元を選んでください。ライブページでソースを開くか、ファイルを選びます。</translation>
    </message>
    <message>
        <source>Start this stream first: its frames are needed.</source>
        <translation>まずこのストリームを開始してください。フレームが必要です。</translation>
    </message>
    <message>
        <source>Choose at least one variant.</source>
        <translation>バリアントを少なくとも 1 つ選んでください。</translation>
    </message>
    <message>
        <source>INT8 for OpenVINO</source>
        <translation>OpenVINO 用 INT8</translation>
    </message>
    <message>
        <source>FP16 for OpenVINO</source>
        <translation>OpenVINO 用 FP16</translation>
    </message>
    <message>
        <source>INT8 as ONNX</source>
        <translation>ONNX の INT8</translation>
    </message>
    <message>
        <source>FP16 as ONNX</source>
        <translation>ONNX の FP16</translation>
    </message>
    <message>
        <source>Fused ONNX</source>
        <translation>融合 ONNX</translation>
    </message>
    <message>
        <source>Pruned by {percent} %</source>
        <translation>枝刈り {percent} %</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>元のモデル</translation>
    </message>
    <message>
        <source>Mostly the fastest, a quarter of the size.</source>
        <translation>たいてい最速で、サイズは 4 分の 1 です。</translation>
    </message>
    <message>
        <source>Half the size, practically the same results.</source>
        <translation>サイズは半分、結果はほぼ同じです。</translation>
    </message>
    <message>
        <source>The same for ONNX Runtime and other programs.</source>
        <translation>ONNX Runtime やほかのプログラム向けです。</translation>
    </message>
    <message>
        <source>Half the size; fast on graphics cards alone.</source>
        <translation>サイズは半分。速くなるのは GPU だけです。</translation>
    </message>
    <message>
        <source>Tidied up, with exactly the same results.</source>
        <translation>構造を整理したもので、結果はまったく同じです。</translation>
    </message>
    <message>
        <source>Without its least weights: packs smaller.</source>
        <translation>影響の小さい重みを除いたもので、圧縮すると小さくなります。</translation>
    </message>
    <message>
        <source>It needs the ONNX file that this OpenVINO model was made from.</source>
        <translation>この OpenVINO モデルの元になった ONNX ファイルが必要です。</translation>
    </message>
    <message>
        <source>The model is quantised already; it needs the float model.</source>
        <translation>このモデルはすでに量子化されています。浮動小数点のモデルが必要です。</translation>
    </message>
    <message>
        <source>The model is in half precision already.</source>
        <translation>このモデルはすでに半精度です。</translation>
    </message>
    <message>
        <source>Collect frames</source>
        <translation>フレームを収集</translation>
    </message>
    <message>
        <source>Measure the original</source>
        <translation>元のモデルを計測</translation>
    </message>
    <message>
        <source>Original in {precision}</source>
        <translation>元のモデル（{precision}）</translation>
    </message>
    <message>
        <source>Original on {runtime} in {precision}</source>
        <translation>元のモデル（{runtime}、{precision}）</translation>
    </message>
    <message>
        <source>Original on {runtime}</source>
        <translation>元のモデル（{runtime}）</translation>
    </message>
    <message>
        <source>Nothing: it must find exactly what the original finds.</source>
        <translation>変化なし: 元のモデルと完全に同じ結果でなければなりません。</translation>
    </message>
    <message>
        <source>{count} of 100 finds may differ from those of the original.</source>
        <translation>100 件の検出のうち {count} 件まで、元のモデルと異なってもかまいません。</translation>
    </message>
    <message>
        <source>Runs {times:.2f} times as fast as the original.</source>
        <translation>元のモデルの {times:.2f} 倍の速さで動きます。</translation>
    </message>
    <message>
        <source>Runs about as fast as the original.</source>
        <translation>元のモデルとほぼ同じ速さで動きます。</translation>
    </message>
    <message>
        <source>Runs at {times:.2f} times the speed of the original, so slower.</source>
        <translation>元のモデルの {times:.2f} 倍の速さで、遅くなります。</translation>
    </message>
    <message>
        <source>Takes {size}, {share:.0f} % of the original; {memory} of memory while it runs.</source>
        <translation>サイズは {size} で元の {share:.0f} %、実行中のメモリは {memory} です。</translation>
    </message>
    <message>
        <source>Agrees with the original to {share} on {frames} frames.</source>
        <translation>{frames} フレームで元のモデルと {share} 一致します。</translation>
    </message>
    <message>
        <source>Finds of another class: {count}.</source>
        <translation>クラスが変わった検出: {count} 件。</translation>
    </message>
    <message>
        <source>Frames on which it finds nothing any more: {count}.</source>
        <translation>何も検出しなくなったフレーム: {count} 枚。</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>{name} を読み込み中</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>{name} をコピー中</translation>
    </message>
</context>
<context>
    <name>OptimiseNews</name>
    <message>
        <source>Optimising: step {number} of {count}</source>
        <translation>最適化中: ステップ {number} / {count}</translation>
    </message>
    <message>
        <source>Variants are built and measured. Click to see how far it is.</source>
        <translation>バリアントを作成して計測しています。クリックすると進み具合を表示します。</translation>
    </message>
    <message>
        <source>Optimising has failed</source>
        <translation>最適化に失敗しました</translation>
    </message>
    <message>
        <source>Optimising is done</source>
        <translation>最適化が完了しました</translation>
    </message>
</context>
<context>
    <name>OptimisePage</name>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>What is made smaller and faster</source>
        <translation>小さく速くするモデル</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>別のファイル…</translation>
    </message>
    <message>
        <source>Frames to measure with</source>
        <translation>計測に使うフレーム</translation>
    </message>
    <message>
        <source>Pictures like those that the model will see: variants are fitted and judged by them</source>
        <translation>モデルが実際に見る映像に近いもの。これを使ってバリアントを調整し、評価します</translation>
    </message>
    <message>
        <source>A video file…</source>
        <translation>動画ファイル…</translation>
    </message>
    <message>
        <source>A folder of pictures…</source>
        <translation>画像フォルダー…</translation>
    </message>
    <message>
        <source>Frames from a folder of pictures</source>
        <translation>画像フォルダーからのフレーム</translation>
    </message>
    <message>
        <source>Build and measure</source>
        <translation>作成して計測</translation>
    </message>
    <message>
        <source>Model to optimise</source>
        <translation>最適化するモデル</translation>
    </message>
    <message>
        <source>What to build</source>
        <translation>作成するもの</translation>
    </message>
    <message>
        <source>How much may be lost</source>
        <translation>許容する損失</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Without labels</source>
        <translation>ラベルなし</translation>
    </message>
    <message>
        <source>A COCO annotation file (.json): accuracy is measured by it, and decides</source>
        <translation>COCO アノテーションファイル (.json)。精度を測り、その結果で判断します</translation>
    </message>
    <message>
        <source>Labels: {name}</source>
        <translation>ラベル: {name}</translation>
    </message>
    <message>
        <source>Labels of these pictures…</source>
        <translation>この画像のラベル…</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>ラベル</translation>
    </message>
    <message>
        <source>COCO labels (*.json)</source>
        <translation>COCO ラベル (*.json)</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>適用</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>書き出し…</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>レポートを保存…</translation>
    </message>
    <message>
        <source>Everything that was measured last, with plot and frames</source>
        <translation>最後の計測のすべて（グラフとフレームを含む）</translation>
    </message>
    <message>
        <source>There is a report as soon as variants have been built and measured</source>
        <translation>バリアントの作成と計測が済むとレポートができます</translation>
    </message>
    <message>
        <source>Choose a row to see more of it.</source>
        <translation>行を選ぶと詳しく表示します。</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Copy the variants to</source>
        <translation>バリアントのコピー先</translation>
    </message>
    <message>
        <source>Page with pictures (*.html)</source>
        <translation>画像入りページ (*.html)</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>表 (*.csv)</translation>
    </message>
    <message>
        <source>Data (*.json)</source>
        <translation>データ (*.json)</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>レポートの保存</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>最適化</translation>
    </message>
    <message>
        <source>Speed and agreement</source>
        <translation>速度と一致率</translation>
    </message>
    <message>
        <source>Frames side by side</source>
        <translation>フレームの比較</translation>
    </message>
    <message>
        <source>What was measured</source>
        <translation>計測結果</translation>
    </message>
    <message>
        <source>Swap it into the running stream, which goes on meanwhile</source>
        <translation>動作中のストリームに切り替えます。ストリームはその間も続きます</translation>
    </message>
    <message>
        <source>Copy the variants to a folder of yours</source>
        <translation>バリアントを好きなフォルダーにコピーします</translation>
    </message>
    <message>
        <source>Smaller, faster, and measured</source>
        <translation>より小さく、より速く、計測済み</translation>
    </message>
    <message>
        <source>Variants of your model are built here, and each is compared with the original on your own frames: how fast it is on this computer, how large, and how much of what it finds stays the same. Nothing is changed until you apply one.</source>
        <translation>モデルのバリアントをここで作成し、あなたのフレームで元のモデルと 1 つずつ比較します。このコンピューターでの速さ、サイズ、検出結果がどれだけ変わらないかを示します。適用するまで何も変わりません。</translation>
    </message>
    <message>
        <source>Show large</source>
        <translation>大きく表示</translation>
    </message>
    <message>
        <source>Wheel, + and −: zoom. Drag, or Shift with arrows: move. Arrows: other frames. 0: all.</source>
        <translation>ホイール、＋ と −: 拡大縮小。ドラッグ、または Shift＋矢印: 移動。矢印: 別のフレーム。0: 全体。</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>縮小</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>拡大</translation>
    </message>
    <message>
        <source>The whole frame</source>
        <translation>フレーム全体</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>{title} beside the original</source>
        <translation>{title} と元のモデル</translation>
    </message>
    <message>
        <source>Frame before</source>
        <translation>前のフレーム</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>次のフレーム</translation>
    </message>
    <message>
        <source>Choose a variant in the table to see the same frame through it and the original.</source>
        <translation>表でバリアントを選ぶと、同じフレームを元のモデルと並べて表示します。</translation>
    </message>
    <message>
        <source>There is no frame on which it differs from the original.</source>
        <translation>元のモデルと異なるフレームはありません。</translation>
    </message>
    <message>
        <source>Speed against agreement</source>
        <translation>速度と一致率の関係</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation>一致率</translation>
    </message>
    <message>
        <source>Times as fast as the original</source>
        <translation>元のモデルに対する速度（倍）</translation>
    </message>
    <message>
        <source>{title}: {speed:.2f} times as fast, agreement {agreement:.1f} %</source>
        <translation>{title}: {speed:.2f} 倍の速さ、一致率 {agreement:.1f} %</translation>
    </message>
    <message>
        <source>The video goes on meanwhile, somewhat slower. You can leave this page.</source>
        <translation>その間も映像は続きますが、少し遅くなります。このページを離れてもかまいません。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Stop; variants that are finished are kept</source>
        <translation>停止します。できあがったバリアントは残ります</translation>
    </message>
    <message>
        <source>Optimising {model}</source>
        <translation>{model} を最適化中</translation>
    </message>
    <message>
        <source>The same frame through the original and through the variant</source>
        <translation>同じフレームの元のモデルとバリアントによる結果</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>元のモデル</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>バリアント</translation>
    </message>
    <message>
        <source>{title}, in use</source>
        <translation>{title}（使用中）</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>バリアント</translation>
    </message>
    <message>
        <source>What was built</source>
        <translation>作成したもの</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>判定</translation>
    </message>
    <message>
        <source>What to think of it, by what may be lost</source>
        <translation>許容する損失から見た評価</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>How many times as fast as the original</source>
        <translation>元のモデルの何倍の速さか</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>ディスク上</translation>
    </message>
    <message>
        <source>Frames/s</source>
        <translation>フレーム/秒</translation>
    </message>
    <message>
        <source>Pictures a second that it can do, measured beside what else runs</source>
        <translation>1 秒に処理できる画像数。ほかの処理が動いている状態で計測</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>レイテンシ</translation>
    </message>
    <message>
        <source>From a picture to its result, the median</source>
        <translation>画像から結果までの時間（中央値）</translation>
    </message>
    <message>
        <source>How much of what it finds is what the original finds</source>
        <translation>元のモデルと同じ検出結果の割合</translation>
    </message>
    <message>
        <source>mAP</source>
        <translation>mAP</translation>
    </message>
    <message>
        <source>Mean average precision on your labelled pictures</source>
        <translation>ラベル付き画像での平均適合率の平均</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>実行先</translation>
    </message>
    <message>
        <source>Runtime, device and precision, as read back</source>
        <translation>読み取ったランタイム、デバイス、演算精度</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Live</source>
        <translation>ライブ</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>最適化</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
</context>
<context>
    <name>Password</name>
    <message>
        <source>Password</source>
        <translation>パスワード</translation>
    </message>
    <message>
        <source>Remember it in the keyring of the system</source>
        <translation>システムのキーリングに保存する</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>接続</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>あとで</translation>
    </message>
    <message>
        <source>This stream</source>
        <translation>このストリーム</translation>
    </message>
    <message>
        <source>{tile} needs a password</source>
        <translation>{tile} にはパスワードが必要です</translation>
    </message>
    <message>
        <source>{tile} needs its whole address</source>
        <translation>{tile} には完全なアドレスが必要です</translation>
    </message>
    <message>
        <source>User or password was refused.</source>
        <translation>ユーザー名またはパスワードが拒否されました。</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ユーザー名</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>アドレス</translation>
    </message>
    <message>
        <source>The password is not known any more</source>
        <translation>パスワードの記憶がなくなりました</translation>
    </message>
    <message>
        <source>Enter it again</source>
        <translation>もう一度入力してください</translation>
    </message>
</context>
<context>
    <name>Problems</name>
    <message>
        <source>(happened {count} times)</source>
        <translation>（{count} 回発生）</translation>
    </message>
    <message>
        <source>Expected: {what}</source>
        <translation>期待される内容: {what}</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Close the list</source>
        <translation>一覧を閉じる</translation>
    </message>
    <message>
        <source>Nothing has gone wrong.</source>
        <translation>問題は起きていません。</translation>
    </message>
    <message>
        <source>Open the log folder</source>
        <translation>ログフォルダーを開く</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>消去</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>詳細</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>マニュアル</translation>
    </message>
    <message>
        <source>What the manual says about this message</source>
        <translation>このメッセージについてのマニュアルの説明</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>コピーしました</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>対処方法</translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>通知を閉じる</translation>
    </message>
    <message>
        <source>A problem</source>
        <translation>問題</translation>
    </message>
</context>
<context>
    <name>QAbstractFileIconProvider</name>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Drive</source>
        <translation>ドライブ</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>不明</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>場所(&amp;L):</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>ファイルの種類(&amp;T):</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Pages</source>
        <translation>ページ</translation>
    </message>
</context>
<context>
    <name>Recording</name>
    <message>
        <source>Nothing streams any more</source>
        <translation>動いているストリームがなくなりました</translation>
    </message>
    <message>
        <source>Start a stream</source>
        <translation>ストリームを開始してください</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>The program made a mistake</source>
        <translation>プログラムの内部で誤りが起きました</translation>
    </message>
    <message>
        <source>It goes on; if something no longer works, start it again. The log has the details</source>
        <translation>動作は続きます。動かなくなった機能があれば、プログラムを再起動してください。詳細はログにあります</translation>
    </message>
    <message>
        <source>Neither a log nor a report of a crash will be written</source>
        <translation>ログも異常終了のレポートも書き込まれません</translation>
    </message>
    <message>
        <source>a folder that can be written, and {count} open windows at most</source>
        <translation>書き込めるフォルダーと、同時に {count} 個以下のウィンドウ</translation>
    </message>
    <message>
        <source>Close other windows of Inferoscope, free space on the disk, and start it again</source>
        <translation>ほかの Inferoscope のウィンドウを閉じ、ディスクの空き容量を増やしてから、再起動してください</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Looking at free space</source>
        <translation>空き容量を確認中</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画像</translation>
    </message>
    <message>
        <source>The folder for snapshots and recordings is not there any more</source>
        <translation>スナップショットと録画の保存先フォルダーがなくなりました</translation>
    </message>
    <message>
        <source>Connect its disk again or choose another folder</source>
        <translation>ディスクをつなぎ直すか、別のフォルダーを選んでください</translation>
    </message>
    <message>
        <source>There is no picture to save yet.</source>
        <translation>保存できる画像がまだありません。</translation>
    </message>
    <message>
        <source>Saving a snapshot</source>
        <translation>スナップショットを保存中</translation>
    </message>
    <message>
        <source>Start a stream, then record it.</source>
        <translation>ストリームを開始してから録画してください。</translation>
    </message>
    <message>
        <source>Preparing a recording</source>
        <translation>録画を準備中</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>The folder is used but not remembered</source>
        <translation>このフォルダーは使われますが、記憶できませんでした</translation>
    </message>
    <message>
        <source>Free some space, and choose it again at the next start</source>
        <translation>空き容量を増やし、次回の起動時にもう一度選んでください</translation>
    </message>
    <message>
        <source>Choose where snapshots and recordings go. You are asked only once.</source>
        <translation>スナップショットと録画の保存先を選んでください。たずねるのは一度だけです。</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>The system has no program that opens it</source>
        <translation>これを開くプログラムがシステムにありません</translation>
    </message>
    <message>
        <source>Open its folder yourself</source>
        <translation>そのフォルダーをご自身で開いてください</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>録画</translation>
    </message>
    <message>
        <source>Looking for the recording</source>
        <translation>録画を検索中</translation>
    </message>
    <message>
        <source>The recording has ended, with all files whole, because {free} are left on the disk</source>
        <translation>ディスクの空きが {free} になったため、録画を終了しました。ファイルはすべて完全です</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder, and record again</source>
        <translation>空き容量を増やすか別のフォルダーを選んで、もう一度録画してください</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} フレーム</translation>
    </message>
    <message>
        <source>{size} free</source>
        <translation>空き {size}</translation>
    </message>
    <message>
        <source>Only {free} are free; a recording ends at {kept}.</source>
        <translation>空きは {free} だけです。{kept} になると録画を終了します。</translation>
    </message>
    <message>
        <source>{count} frames were not recorded: the disk or the video encoder is too slow.</source>
        <translation>{count} フレームを録画できませんでした。ディスクまたは動画エンコーダーが遅すぎます。</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} を保存しました</translation>
    </message>
    <message>
        <source>Saved {name} and {count} more</source>
        <translation>{name} ほか {count} 件を保存しました</translation>
    </message>
    <message>
        <source>Nothing can be recorded: {free} are free on its disk</source>
        <translation>録画できません。ディスクの空きは {free} です</translation>
    </message>
    <message>
        <source>more than {kept}</source>
        <translation>{kept} より多い空き</translation>
    </message>
    <message>
        <source>Free some space, choose another folder, or keep less free in the settings</source>
        <translation>空き容量を増やすか、別のフォルダーを選ぶか、設定で残す空き容量を減らしてください</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>スナップショットと録画</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>フォルダーで表示</translation>
    </message>
    <message>
        <source>Folder for snapshots and recordings</source>
        <translation>スナップショットと録画のフォルダー</translation>
    </message>
    <message>
        <source>Snapshots and recordings go to {folder}. Choose another folder.</source>
        <translation>スナップショットと録画の保存先は {folder} です。別のフォルダーを選びます。</translation>
    </message>
    <message>
        <source>Save here</source>
        <translation>ここに保存</translation>
    </message>
    <message>
        <source>Finishing the recording: {percent} %</source>
        <translation>録画を仕上げています: {percent} %</translation>
    </message>
    <message>
        <source>● Recording {time}</source>
        <translation>● 録画中 {time}</translation>
    </message>
</context>
<context>
    <name>Secrets</name>
    <message>
        <source>the keyring did not take them</source>
        <translation>キーリングが受け付けませんでした</translation>
    </message>
    <message>
        <source>there is no keyring on this computer</source>
        <translation>このコンピューターにはキーリングがありません</translation>
    </message>
    <message>
        <source>Passwords are known only until the program ends: {why}</source>
        <translation>パスワードはプログラムの終了まで記憶されます: {why}</translation>
    </message>
    <message>
        <source>You will be asked for them at the next start</source>
        <translation>次に起動したときにもう一度入力してください</translation>
    </message>
</context>
<context>
    <name>Selection</name>
    <message>
        <source>Measured to be the best for this model on this computer.</source>
        <translation>このコンピューターでの計測で、このモデルに最適とわかったものです。</translation>
    </message>
    <message>
        <source>It does not read OpenVINO models</source>
        <translation>OpenVINO モデルには対応していません</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was made from</source>
        <translation>OpenVINO を選ぶか、モデルの元になった ONNX ファイルを選んでください</translation>
    </message>
    <message>
        <source>It finds no device here.</source>
        <translation>ここで使えるデバイスがありません。</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自動</translation>
    </message>
    <message>
        <source>Automatic ({device})</source>
        <translation>自動（{device}）</translation>
    </message>
    <message>
        <source>What runs everywhere with this backend</source>
        <translation>このバックエンドでどこでも動く設定</translation>
    </message>
    <message>
        <source>The most exact</source>
        <translation>最も正確</translation>
    </message>
    <message>
        <source>Automatic ({precision})</source>
        <translation>自動（{precision}）</translation>
    </message>
    <message>
        <source>Takes the INT8 variant of the model, or offers to build it.</source>
        <translation>モデルの INT8 バリアントを使います。なければ作成を提案します。</translation>
    </message>
    <message>
        <source>It is not known here.</source>
        <translation>ここでは使えるかどうかわかりません。</translation>
    </message>
</context>
<context>
    <name>SessionFile</name>
    <message>
        <source>Saving the session</source>
        <translation>セッションを保存中</translation>
    </message>
    <message>
        <source>The session file cannot be read</source>
        <translation>セッションファイルを読み込めません</translation>
    </message>
    <message>
        <source>Check that you may read it</source>
        <translation>読み取りの権限を確認してください</translation>
    </message>
    <message>
        <source>The session cannot be saved</source>
        <translation>セッションを保存できません</translation>
    </message>
    <message>
        <source>Free space on the disk, and check that you may write to the folder</source>
        <translation>ディスクの空き容量を増やし、フォルダーへの書き込み権限を確認してください</translation>
    </message>
    <message>
        <source>The session file was made by a later version of the program</source>
        <translation>このセッションファイルは、より新しいバージョンのプログラムで作られています</translation>
    </message>
    <message>
        <source>Install the newest version</source>
        <translation>最新のバージョンをインストールしてください</translation>
    </message>
    <message>
        <source>at most {count} bytes</source>
        <translation>{count} バイト以下</translation>
    </message>
    <message>
        <source>line {line}, column {column}</source>
        <translation>{line} 行目、{column} 列目</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>JSON in UTF-8</source>
        <translation>UTF-8 の JSON</translation>
    </message>
    <message>
        <source>that no two tiles or models have the same</source>
        <translation>タイルやモデルの間で重複しないこと</translation>
    </message>
    <message>
        <source>the id of one of the models</source>
        <translation>いずれかのモデルの ID</translation>
    </message>
    <message>
        <source>a number in quotation marks</source>
        <translation>引用符で囲んだ数値</translation>
    </message>
    <message>
        <source>the password in it was left out; you will be asked for it</source>
        <translation>含まれていたパスワードは読み込みませんでした。あとで入力を求めます</translation>
    </message>
    <message>
        <source>the numbers of classes as names</source>
        <translation>クラス番号を名前とするもの</translation>
    </message>
    <message>
        <source>colours such as #ff8800</source>
        <translation>#ff8800 のような色</translation>
    </message>
    <message>
        <source>It was kept as {path}</source>
        <translation>{path} として残しました</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>セッション</translation>
    </message>
    <message>
        <source>This file is not there</source>
        <translation>このファイルはありません</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>別のファイルを選んでください</translation>
    </message>
    <message>
        <source>Not all of the session could be used: {first}</source>
        <translation>セッションの一部は使えませんでした: {first}</translation>
    </message>
    <message>
        <source>Look at the details, and set up again what is missing</source>
        <translation>詳細を確認し、足りないものをもう一度設定してください</translation>
    </message>
    <message>
        <source>Another Inferoscope has this session open; what you set up here is not saved</source>
        <translation>別の Inferoscope がこのセッションを開いています。ここでの設定は保存されません</translation>
    </message>
    <message>
        <source>Close the other one, or save the session as a file</source>
        <translation>もう一方を閉じるか、セッションを名前を付けて保存してください</translation>
    </message>
    <message>
        <source>The session is not saved yet: its folder does not answer</source>
        <translation>セッションはまだ保存されていません。フォルダーが応答しません</translation>
    </message>
    <message>
        <source>Check the drive or its network, or save the session as a file elsewhere</source>
        <translation>ドライブやネットワークを確認するか、セッションを別の場所に保存してください</translation>
    </message>
    <message>
        <source>an object in braces</source>
        <translation>波かっこで囲んだオブジェクト</translation>
    </message>
    <message>
        <source>that it is there</source>
        <translation>必ずあること</translation>
    </message>
    <message>
        <source>a list of at most {count}</source>
        <translation>{count} 個以下のリスト</translation>
    </message>
    <message>
        <source>{place} is not known and was left out</source>
        <translation>{place} は不明な項目のため、読み込みませんでした</translation>
    </message>
    <message>
        <source>The session file is damaged</source>
        <translation>セッションファイルが壊れています</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true または false</translation>
    </message>
    <message>
        <source>a number from {least:g} to {most:g}</source>
        <translation>{least:g}～{most:g} の数値</translation>
    </message>
    <message>
        <source>a whole number from {least} to {most}</source>
        <translation>{least}～{most} の整数</translation>
    </message>
    <message>
        <source>a line of at most {count} letters</source>
        <translation>{count} 文字以下の 1 行</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>{choices} のいずれか</translation>
    </message>
    <message>
        <source>a list of whole numbers</source>
        <translation>整数のリスト</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>What could not be read has its usual value; look at the settings page</source>
        <translation>読み取れなかった項目は通常の値になっています。設定ページを確認してください</translation>
    </message>
    <message>
        <source>It holds until the program ends, and cannot be saved: {reason}</source>
        <translation>プログラムの終了まで有効ですが、保存できません: {reason}</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true または false</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数値</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>{choices} のいずれか</translation>
    </message>
    <message>
        <source>{least:g} to {most:g}</source>
        <translation>{least:g}～{most:g}</translation>
    </message>
    <message>
        <source>{title} ({key}): expected {what}, got {value}</source>
        <translation>{title} ({key}): {value} は使えません。期待される内容: {what}</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外観</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>テーマ</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>ウィンドウの配色。</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>システムに合わせる</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>ライト</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>ダーク</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>ハイコントラスト</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>言語</translation>
    </message>
    <message>
        <source>Of the whole window, from the next start of the program on.</source>
        <translation>ウィンドウ全体の言語。次に起動したときから有効です。</translation>
    </message>
    <message>
        <source>Pictures drawn per second</source>
        <translation>1 秒に描画する画像の数</translation>
    </message>
    <message>
        <source>At most so often is a tile drawn anew. Fewer leave more of the processor to the models.</source>
        <translation>タイルを描き直す回数の上限です。少なくすると、プロセッサをモデルにより多く使えます。</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>回/秒</translation>
    </message>
    <message>
        <source>Size of labels</source>
        <translation>ラベルの大きさ</translation>
    </message>
    <message>
        <source>Height of the letters on the pictures.</source>
        <translation>映像に重ねる文字の高さ。</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>ピクセル</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Continue where you stopped</source>
        <translation>前回の続きから始める</translation>
    </message>
    <message>
        <source>Streams that ran when the program ended run again when it starts.</source>
        <translation>終了時に動いていたストリームを、起動時に再び動かします。</translation>
    </message>
    <message>
        <source>Keep the computer awake</source>
        <translation>スリープさせない</translation>
    </message>
    <message>
        <source>While a stream runs, neither the computer nor its screen goes to sleep.</source>
        <translation>ストリームが動いている間は、コンピューターも画面もスリープしません。</translation>
    </message>
    <message>
        <source>Models run for</source>
        <translation>モデルの動かし方</translation>
    </message>
    <message>
        <source>Throughput uses all processor cores; latency answers each frame soonest.</source>
        <translation>フレームレート優先ではプロセッサの全コアを使い、低遅延優先では各フレームに最も早く答えます。</translation>
    </message>
    <message>
        <source>Most frames per second</source>
        <translation>フレームレート優先</translation>
    </message>
    <message>
        <source>Shortest delay</source>
        <translation>低遅延優先</translation>
    </message>
    <message>
        <source>Try new models in a process of their own</source>
        <translation>新しいモデルを別のプロセスで試す</translation>
    </message>
    <message>
        <source>A model file that was never loaded before cannot take the program down with it.</source>
        <translation>初めて読み込むモデルファイルが原因で、プログラム全体が落ちることを防ぎます。</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>スナップショットと録画</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Where snapshots and recordings go. Asked for at the first one.</source>
        <translation>スナップショットと録画の保存先。最初の保存のときにたずねます。</translation>
    </message>
    <message>
        <source>Draw what was found</source>
        <translation>検出結果を描き込む</translation>
    </message>
    <message>
        <source>Else pictures are saved as they came.</source>
        <translation>オフの場合、映像を元のまま保存します。</translation>
    </message>
    <message>
        <source>Format of snapshots</source>
        <translation>スナップショットの形式</translation>
    </message>
    <message>
        <source>PNG keeps every pixel, JPEG is smaller.</source>
        <translation>PNG は全ピクセルをそのまま保存し、JPEG は小さくなります。</translation>
    </message>
    <message>
        <source>Format of recordings</source>
        <translation>録画の形式</translation>
    </message>
    <message>
        <source>MP4 is light on the processor. WebM plays in browsers and takes longer to make.</source>
        <translation>MP4 はプロセッサの負荷が軽く、WebM はブラウザーで再生できますが作成に時間がかかります。</translation>
    </message>
    <message>
        <source>Results beside the pictures</source>
        <translation>画像と一緒に保存する結果</translation>
    </message>
    <message>
        <source>What was found on each frame, for other programs to read.</source>
        <translation>各フレームの検出結果を、ほかのプログラムで読める形で保存します。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>JSON Lines</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>CSV 表</translation>
    </message>
    <message>
        <source>Keep free on the disk</source>
        <translation>ディスクに残す空き容量</translation>
    </message>
    <message>
        <source>A recording ends before less than this is left.</source>
        <translation>空きがこれより少なくなる前に録画を終了します。</translation>
    </message>
    <message>
        <source>The settings could not be read: {error}</source>
        <translation>設定を読み込めませんでした: {error}</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>設定を検索</translation>
    </message>
    <message>
        <source>No setting has these words.</source>
        <translation>該当する設定はありません。</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>リセット</translation>
    </message>
    <message>
        <source>Reset: {title}</source>
        <translation>リセット: {title}</translation>
    </message>
    <message>
        <source>On</source>
        <translation>オン</translation>
    </message>
    <message>
        <source>Not chosen yet</source>
        <translation>まだ選ばれていません</translation>
    </message>
    <message>
        <source>Choose: {title}</source>
        <translation>選択: {title}</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>フォルダーを選択</translation>
    </message>
</context>
<context>
    <name>SourceOpener</name>
    <message>
        <source>Passwords</source>
        <translation>パスワード</translation>
    </message>
</context>
<context>
    <name>SourcePicker</name>
    <message>
        <source>Camera {number}</source>
        <translation>カメラ {number}</translation>
    </message>
    <message>
        <source>No camera is plugged in</source>
        <translation>カメラが接続されていません</translation>
    </message>
    <message>
        <source>Plug one in and press Refresh. If one is plugged in, close other programs that use it, and allow this program to use cameras in the system&apos;s settings.</source>
        <translation>カメラを接続して「更新」を押してください。接続済みの場合は、ほかのプログラムを閉じ、システムの設定でこのプログラムにカメラの使用を許可してください。</translation>
    </message>
    <message>
        <source>Files that you open are listed here</source>
        <translation>開いたファイルがここに並びます</translation>
    </message>
    <message>
        <source>Addresses that you open are listed here</source>
        <translation>開いたアドレスがここに並びます</translation>
    </message>
    <message>
        <source>An address begins with rtsp://, rtsps://, http:// or https://</source>
        <translation>アドレスは rtsp://、rtsps://、http://、https:// のいずれかで始まります</translation>
    </message>
    <message>
        <source>It cannot be told where the password ends: type user and password into the fields below</source>
        <translation>パスワードの終わりがわかりません。ユーザー名とパスワードは下の欄に入力してください</translation>
    </message>
    <message>
        <source>This is no whole address. It looks like rtsp://camera.local:554/stream</source>
        <translation>アドレスが完全ではありません。rtsp://camera.local:554/stream のような形です</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>接続中…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>開いています…</translation>
    </message>
    <message>
        <source>No picture came yet</source>
        <translation>まだ映像が届いていません</translation>
    </message>
    <message>
        <source>Expected: {expected}.</source>
        <translation>期待される内容: {expected}。</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>{rate:g} pictures a second</source>
        <translation>毎秒 {rate:g} 枚</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>レート</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>長さ</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>画像数</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>種類</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>ライブ</translation>
    </message>
    <message>
        <source>It streams already</source>
        <translation>すでに配信中です</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>検索中…</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>The camera&apos;s own</source>
        <translation>カメラの既定値</translation>
    </message>
    <message>
        <source>15 a second (usual)</source>
        <translation>毎秒 15 枚（通常）</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Look again for what is there</source>
        <translation>接続されているものを検索し直します</translation>
    </message>
    <message>
        <source>Size of the picture</source>
        <translation>映像のサイズ</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>1 秒の画像数</translation>
    </message>
    <message>
        <source>Mirror left and right</source>
        <translation>左右を反転</translation>
    </message>
    <message>
        <source>Best up to 1920 × 1080</source>
        <translation>最大 1920 × 1080</translation>
    </message>
    <message>
        <source>{rate:g} a second</source>
        <translation>毎秒 {rate:g} 枚</translation>
    </message>
    <message>
        <source>Video or picture…</source>
        <translation>動画または画像…</translation>
    </message>
    <message>
        <source>Folder of pictures…</source>
        <translation>画像フォルダー…</translation>
    </message>
    <message>
        <source>Opened lately</source>
        <translation>最近開いたもの</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>Choose a video or picture</source>
        <translation>動画または画像を選択</translation>
    </message>
    <message>
        <source>Choose a folder of pictures</source>
        <translation>画像フォルダーを選択</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>アドレス</translation>
    </message>
    <message>
        <source>User</source>
        <translation>ユーザー名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>パスワード</translation>
    </message>
    <message>
        <source>Passwords are kept in the keyring of the system, never in a file.</source>
        <translation>パスワードはシステムのキーリングに保存され、ファイルには書き込まれません。</translation>
    </message>
    <message>
        <source>A bottling line that is part of the program, with a model for it. The scene knows what it shows, so you see how right the model is.</source>
        <translation>プログラムに組み込まれた瓶詰めラインの映像と、そのためのモデルです。正解がわかっているので、モデルの正しさを確かめられます。</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>デモ</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>検索中</translation>
    </message>
    <message>
        <source>Videos and pictures</source>
        <translation>動画と画像</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>すべてのファイル</translation>
    </message>
    <message>
        <source>Open a source</source>
        <translation>ソースを開く</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>for {tile}</source>
        <translation>{tile} 用</translation>
    </message>
    <message>
        <source>Kind of source</source>
        <translation>ソースの種類</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>Trying it out</source>
        <translation>試しています</translation>
    </message>
    <message>
        <source>Try it out</source>
        <translation>試す</translation>
    </message>
    <message>
        <source>Stop trying</source>
        <translation>中止</translation>
    </message>
    <message>
        <source>What you choose is tried out here</source>
        <translation>選んだものをここで試します</translation>
    </message>
    <message>
        <source>First picture</source>
        <translation>最初の画像</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Empty</source>
        <translation>空き</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>接続中</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>ライブ</translation>
    </message>
    <message>
        <source>Playing</source>
        <translation>再生中</translation>
    </message>
    <message>
        <source>Still picture</source>
        <translation>静止画</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>Reconnecting</source>
        <translation>再接続中</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>終了</translation>
    </message>
    <message>
        <source>Not running</source>
        <translation>動作していません</translation>
    </message>
    <message>
        <source>{seconds:.1f} s old</source>
        <translation>{seconds:.1f} 秒前</translation>
    </message>
    <message>
        <source>Picture is {age} old</source>
        <translation>{age}前の映像です</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation>{minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} 時間 {minutes} 分</translation>
    </message>
    <message>
        <source>The source failed.</source>
        <translation>ソースに障害が起きました。</translation>
    </message>
    <message>
        <source>This source wants a password.</source>
        <translation>このソースにはパスワードが必要です。</translation>
    </message>
    <message>
        <source>This source wants a password: {why}.</source>
        <translation>このソースにはパスワードが必要です: {why}。</translation>
    </message>
    <message>
        <source>The model failed: {why}. The video goes on.</source>
        <translation>モデルに障害が起きました: {why}。映像は続きます。</translation>
    </message>
    <message>
        <source>The model could not be changed: {why}. What ran before goes on.</source>
        <translation>モデルを変更できませんでした: {why}。それまでのモデルが動き続けます。</translation>
    </message>
    <message>
        <source>no picture comes</source>
        <translation>映像が届きません</translation>
    </message>
    <message>
        <source>No new picture: {why}</source>
        <translation>新しい映像がありません: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}</source>
        <translation>再接続中（{attempt} 回目）: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}, next in {seconds:.0f} s</source>
        <translation>再接続中（{attempt} 回目）: {why}、次まで {seconds:.0f} 秒</translation>
    </message>
    <message>
        <source>Model: {phase}, {seconds:.0f} s</source>
        <translation>モデル: {phase}、{seconds:.0f} 秒</translation>
    </message>
    <message>
        <source>No source</source>
        <translation>ソースなし</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>デモ: 瓶詰めライン</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>カメラ {number}</translation>
    </message>
    <message>
        <source>Password…</source>
        <translation>パスワード…</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>今すぐ試す</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再試行</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>ソースを選択…</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>読み込み直す</translation>
    </message>
    <message>
        <source>How far the model is</source>
        <translation>モデルの進み具合</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Stop loading; what ran before goes on.</source>
        <translation>読み込みを中止します。それまでのモデルが動き続けます。</translation>
    </message>
    <message>
        <source>Drop a video or a model here</source>
        <translation>動画またはモデルをここにドロップ</translation>
    </message>
    <message>
        <source>A camera, a video, an address, the screen or the demo.</source>
        <translation>カメラ、動画、アドレス、画面、またはデモ。</translation>
    </message>
    <message>
        <source>found {seconds:.1f} s before this picture</source>
        <translation>この映像の {seconds:.1f} 秒前の検出結果</translation>
    </message>
    <message>
        <source>Empty tile</source>
        <translation>空きタイル</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Camera</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>モデルなし</translation>
    </message>
    <message>
        <source>Only the pictures</source>
        <translation>映像のみ</translation>
    </message>
    <message>
        <source>Finishing {percent} %</source>
        <translation>仕上げ中 {percent} %</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>ソース</translation>
    </message>
    <message>
        <source>Where the pictures come from</source>
        <translation>映像の取得元</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>ソースを選択…</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>What analyses the pictures</source>
        <translation>映像を解析するもの</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>ファイルを開く…</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>バックエンド</translation>
    </message>
    <message>
        <source>The program that runs the model</source>
        <translation>モデルを動かすプログラム</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>The hardware that runs the model</source>
        <translation>モデルを動かすハードウェア</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>演算精度</translation>
    </message>
    <message>
        <source>The number format that the model is computed in</source>
        <translation>モデルの計算に使う数値形式</translation>
    </message>
    <message>
        <source>Changes are for</source>
        <translation>変更の対象</translation>
    </message>
    <message>
        <source>Whether the bar acts on the selected tile or on all</source>
        <translation>バーの操作を選択中のタイルに適用するか、すべてに適用するか</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>開始</translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation>録画を終了</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>録画</translation>
    </message>
    <message>
        <source>This tile</source>
        <translation>このタイル</translation>
    </message>
    <message>
        <source>All tiles</source>
        <translation>すべてのタイル</translation>
    </message>
</context>
<context>
    <name>Traces</name>
    <message>
        <source>Capture</source>
        <translation>取得</translation>
    </message>
    <message>
        <source>Inference</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>表示</translation>
    </message>
    <message>
        <source>All causes</source>
        <translation>すべての原因</translation>
    </message>
    <message>
        <source>Newest frame</source>
        <translation>最新フレーム</translation>
    </message>
    <message>
        <source>This program</source>
        <translation>このプログラム</translation>
    </message>
    <message>
        <source>frames per second</source>
        <translation>フレーム/秒</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>フレームレート</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>レイテンシ</translation>
    </message>
    <message>
        <source>ms by stage</source>
        <translation>処理段階別 ms</translation>
    </message>
    <message>
        <source>Age of the frame</source>
        <translation>経過時間</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>破棄</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>プロセッサ</translation>
    </message>
    <message>
        <source>% of all cores</source>
        <translation>全コアに対する %</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>メモリ</translation>
    </message>
    <message>
        <source>Compared with what the demo really shows, over the last two seconds: precision is how much of what was found is right, recall is how much of what is there was found.</source>
        <translation>デモの正解と比較した直近 2 秒間の結果です。適合率は検出したもののうち正しい割合、再現率は実際にあるもののうち検出できた割合です。</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>適合率</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>再現率</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>検出精度</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>待ち</translation>
    </message>
    <message>
        <source>Preprocess</source>
        <translation>前処理</translation>
    </message>
    <message>
        <source>Infer</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>デコード</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>描画</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>合計</translation>
    </message>
    <message>
        <source>A newer frame came first</source>
        <translation>新しいフレームを優先</translation>
    </message>
    <message>
        <source>Above your limit of frames</source>
        <translation>フレーム数の上限を超過</translation>
    </message>
    <message>
        <source>No model was ready</source>
        <translation>モデルの準備待ち</translation>
    </message>
    <message>
        <source>Seek, loop or stop</source>
        <translation>シーク、ループ、停止</translation>
    </message>
    <message>
        <source>Result came too late</source>
        <translation>結果が遅すぎた</translation>
    </message>
    <message>
        <source>The model failed</source>
        <translation>モデルの障害</translation>
    </message>
    <message>
        <source>The model did not answer</source>
        <translation>モデルの応答なし</translation>
    </message>
    <message>
        <source>No results in this time.</source>
        <translation>この期間の結果はありません。</translation>
    </message>
    <message>
        <source>{count} results. Total: median {p50}, 95 % within {p95}, 99 % within {p99} ms.</source>
        <translation>結果 {count} 件。合計: 中央値 {p50} ms、95 % は {p95} ms 以内、99 % は {p99} ms 以内。</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>フレーム</translation>
    </message>
    <message>
        <source>No frame was dropped in this time.</source>
        <translation>この期間に破棄されたフレームはありません。</translation>
    </message>
    <message>
        <source>All {count} tiles together</source>
        <translation>全 {count} タイルの合計</translation>
    </message>
    <message>
        <source>Saving the traces</source>
        <translation>トレースを保存中</translation>
    </message>
    <message>
        <source>Traces</source>
        <translation>トレース</translation>
    </message>
    <message>
        <source>{seconds} s until {time}</source>
        <translation>{time} までの {seconds} 秒間</translation>
    </message>
    <message>
        <source>Turn the wheel to zoom, drag to move, double-click to follow the present again.</source>
        <translation>ホイールで拡大縮小、ドラッグで移動、ダブルクリックで現在の表示に戻ります。</translation>
    </message>
    <message>
        <source>now</source>
        <translation>現在</translation>
    </message>
    <message>
        <source>here</source>
        <translation>ここ</translation>
    </message>
    <message>
        <source>Length of time</source>
        <translation>時間の長さ</translation>
    </message>
    <message>
        <source>How much time the plots show.</source>
        <translation>グラフに表示する時間の長さ。</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} 分</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} 秒</translation>
    </message>
    <message>
        <source>Choose the plots</source>
        <translation>グラフを選択</translation>
    </message>
    <message>
        <source>Save as a picture (PNG)…</source>
        <translation>画像として保存 (PNG)…</translation>
    </message>
    <message>
        <source>Save as a table (CSV)…</source>
        <translation>表として保存 (CSV)…</translation>
    </message>
    <message>
        <source>Save the traces</source>
        <translation>トレースの保存</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>ライブ</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>Follow the present again.</source>
        <translation>現在の表示に戻ります。</translation>
    </message>
    <message>
        <source>Hold the plots; measuring goes on.</source>
        <translation>グラフを固定します。計測は続きます。</translation>
    </message>
    <message>
        <source>PNG picture</source>
        <translation>PNG 画像</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>CSV 表</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} を保存しました</translation>
    </message>
    <message>
        <source>Held at {time}</source>
        <translation>{time} で固定</translation>
    </message>
</context>
<context>
    <name>Transport</name>
    <message>
        <source>{frame} of {frames:,}</source>
        <translation>{frame} / {frames:,}</translation>
    </message>
    <message>
        <source>Place in the file</source>
        <translation>ファイル内の位置</translation>
    </message>
    <message>
        <source>Drag to go to another place in the file.</source>
        <translation>ドラッグするとファイルの別の位置に移動します。</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>前のフレーム</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>再生</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>次のフレーム</translation>
    </message>
    <message>
        <source>Begin again at the end</source>
        <translation>最後まで来たら最初から</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>How a file is analysed</source>
        <translation>ファイルの解析方法</translation>
    </message>
    <message>
        <source>Which picture is shown</source>
        <translation>表示する映像</translation>
    </message>
    <message>
        <source>Frames analysed a second, at most</source>
        <translation>1 秒に解析するフレーム数の上限</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>Real time</source>
        <translation>実時間</translation>
    </message>
    <message>
        <source>Every frame</source>
        <translation>全フレーム</translation>
    </message>
    <message>
        <source>In step</source>
        <translation>同期</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>なめらか</translation>
    </message>
    <message>
        <source>All frames</source>
        <translation>全フレーム</translation>
    </message>
    <message>
        <source>{rate:g} a second</source>
        <translation>毎秒 {rate:g}</translation>
    </message>
</context>
</TS>
