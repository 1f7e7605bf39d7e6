<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pt_BR">
<context>
    <name>About</name>
    <message>
        <source>About Inferoscope</source>
        <translation>Sobre o Inferoscope</translation>
    </message>
    <message>
        <source>An oscilloscope for vision models.</source>
        <translation>Um osciloscópio para modelos de visão.</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Versão {version}</translation>
    </message>
    <message>
        <source>Licence: Apache 2.0. Qt is used under the LGPL 3.0: its libraries lie beside the program as files of their own and may be replaced.</source>
        <translation>Licença: Apache 2.0. O Qt é usado sob a LGPL 3.0: suas bibliotecas ficam ao lado do programa, em arquivos próprios, e podem ser substituídas.</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>Feito com</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fechar</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Licenças</translation>
    </message>
    <message>
        <source>The licences of everything that Inferoscope is made of</source>
        <translation>As licenças de tudo de que o Inferoscope é feito</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Arquivo</translation>
    </message>
    <message>
        <source>Open &amp;source…</source>
        <translation>Abrir &amp;fonte…</translation>
    </message>
    <message>
        <source>Choose a camera, a file, an address or a screen for the selected tile.</source>
        <translation>Escolher uma câmera, um arquivo, um endereço ou uma tela para o visor selecionado.</translation>
    </message>
    <message>
        <source>Open &amp;model…</source>
        <translation>Abrir &amp;modelo…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file for the selected tile.</source>
        <translation>Escolher um arquivo ONNX ou OpenVINO para o visor selecionado.</translation>
    </message>
    <message>
        <source>Add a &amp;tile…</source>
        <translation>&amp;Adicionar um visor…</translation>
    </message>
    <message>
        <source>Open one more source beside the others.</source>
        <translation>Abrir mais uma fonte ao lado das outras.</translation>
    </message>
    <message>
        <source>Re&amp;name the tile…</source>
        <translation>Re&amp;nomear o visor…</translation>
    </message>
    <message>
        <source>Give the selected tile a name of your own.</source>
        <translation>Dar um nome próprio ao visor selecionado.</translation>
    </message>
    <message>
        <source>&amp;Close the tile</source>
        <translation>Fe&amp;char o visor</translation>
    </message>
    <message>
        <source>Stop the selected tile and remove it.</source>
        <translation>Parar o visor selecionado e removê-lo.</translation>
    </message>
    <message>
        <source>Open a s&amp;ession…</source>
        <translation>Abrir uma s&amp;essão…</translation>
    </message>
    <message>
        <source>Go on with tiles, models and thresholds that were saved as a file.</source>
        <translation>Continuar com visores, modelos e limiares salvos em um arquivo.</translation>
    </message>
    <message>
        <source>Save the sessi&amp;on as…</source>
        <translation>&amp;Salvar a sessão como…</translation>
    </message>
    <message>
        <source>Save tiles, models and thresholds as a file.</source>
        <translation>Salvar visores, modelos e limiares em um arquivo.</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Sai&amp;r</translation>
    </message>
    <message>
        <source>End the program.</source>
        <translation>Encerrar o programa.</translation>
    </message>
    <message>
        <source>&amp;Stream</source>
        <translation>&amp;Fluxo</translation>
    </message>
    <message>
        <source>Start or s&amp;top</source>
        <translation>&amp;Iniciar ou parar</translation>
    </message>
    <message>
        <source>Start the selected stream, or stop it.</source>
        <translation>Iniciar o fluxo selecionado ou pará-lo.</translation>
    </message>
    <message>
        <source>St&amp;art all</source>
        <translation>Ini&amp;ciar todos</translation>
    </message>
    <message>
        <source>Start every stream that does not run.</source>
        <translation>Iniciar todos os fluxos que não estão em execução.</translation>
    </message>
    <message>
        <source>Stop a&amp;ll</source>
        <translation>Parar &amp;todos</translation>
    </message>
    <message>
        <source>Stop every stream.</source>
        <translation>Parar todos os fluxos.</translation>
    </message>
    <message>
        <source>&amp;Play or pause</source>
        <translation>&amp;Reproduzir ou pausar</translation>
    </message>
    <message>
        <source>Hold the picture of a file, or go on.</source>
        <translation>Parar a imagem de um arquivo ou continuar.</translation>
    </message>
    <message>
        <source>Next &amp;frame</source>
        <translation>&amp;Próximo quadro</translation>
    </message>
    <message>
        <source>Hold the picture and show the next frame.</source>
        <translation>Parar a imagem e mostrar o próximo quadro.</translation>
    </message>
    <message>
        <source>Pre&amp;vious frame</source>
        <translation>Quadro &amp;anterior</translation>
    </message>
    <message>
        <source>Hold the picture and show the frame before.</source>
        <translation>Parar a imagem e mostrar o quadro anterior.</translation>
    </message>
    <message>
        <source>Forward five seconds</source>
        <translation>Avançar cinco segundos</translation>
    </message>
    <message>
        <source>Go five seconds further in a file.</source>
        <translation>Avançar cinco segundos em um arquivo.</translation>
    </message>
    <message>
        <source>Back five seconds</source>
        <translation>Voltar cinco segundos</translation>
    </message>
    <message>
        <source>Go five seconds back in a file.</source>
        <translation>Voltar cinco segundos em um arquivo.</translation>
    </message>
    <message>
        <source>&amp;Snapshot</source>
        <translation>Captura de ima&amp;gem</translation>
    </message>
    <message>
        <source>Save the picture of the selected tile.</source>
        <translation>Salvar a imagem do visor selecionado.</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>Gra&amp;var</translation>
    </message>
    <message>
        <source>Begin to record the selected tile, or end it.</source>
        <translation>Começar a gravar o visor selecionado ou terminar.</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Exibir</translation>
    </message>
    <message>
        <source>&amp;Live</source>
        <translation>Ao &amp;vivo</translation>
    </message>
    <message>
        <source>Pictures and traces.</source>
        <translation>Imagens e curvas.</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelos</translation>
    </message>
    <message>
        <source>Your models, and models to download.</source>
        <translation>Seus modelos e modelos para baixar.</translation>
    </message>
    <message>
        <source>&amp;Optimise</source>
        <translation>&amp;Otimizar</translation>
    </message>
    <message>
        <source>Make a model smaller and faster, and see what that costs.</source>
        <translation>Tornar um modelo menor e mais rápido, e ver o que isso custa.</translation>
    </message>
    <message>
        <source>S&amp;ettings</source>
        <translation>A&amp;justes</translation>
    </message>
    <message>
        <source>Everything that can be chosen about the program.</source>
        <translation>Tudo o que se pode escolher no programa.</translation>
    </message>
    <message>
        <source>Show &amp;what was found</source>
        <translation>Mostrar as &amp;detecções</translation>
    </message>
    <message>
        <source>Draw boxes, masks and labels over the pictures, or hide them.</source>
        <translation>Desenhar caixas, máscaras e rótulos sobre as imagens ou ocultá-los.</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>&amp;Tela cheia</translation>
    </message>
    <message>
        <source>Nothing but the pictures; Escape leads back.</source>
        <translation>Só as imagens; Esc para voltar.</translation>
    </message>
    <message>
        <source>Enlar&amp;ge the tile</source>
        <translation>&amp;Ampliar o visor</translation>
    </message>
    <message>
        <source>Let the selected tile fill the picture area, or show all again.</source>
        <translation>Mostrar só o visor selecionado em toda a área de imagens, ou todos de novo.</translation>
    </message>
    <message>
        <source>&amp;Next tile</source>
        <translation>Pró&amp;ximo visor</translation>
    </message>
    <message>
        <source>Select the next tile.</source>
        <translation>Selecionar o próximo visor.</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>A&amp;proximar</translation>
    </message>
    <message>
        <source>Show a smaller part of the picture, larger.</source>
        <translation>Mostrar uma parte menor da imagem, maior.</translation>
    </message>
    <message>
        <source>&amp;Zoom out</source>
        <translation>Afa&amp;star</translation>
    </message>
    <message>
        <source>Show a larger part of the picture, smaller.</source>
        <translation>Mostrar uma parte maior da imagem, menor.</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>Ajusta&amp;r</translation>
    </message>
    <message>
        <source>Show the whole picture.</source>
        <translation>Mostrar a imagem inteira.</translation>
    </message>
    <message>
        <source>Model &amp;panel</source>
        <translation>Painel do mode&amp;lo</translation>
    </message>
    <message>
        <source>Show or hide the panel beside the pictures.</source>
        <translation>Mostrar ou ocultar o painel ao lado das imagens.</translation>
    </message>
    <message>
        <source>&amp;Traces</source>
        <translation>&amp;Curvas</translation>
    </message>
    <message>
        <source>Show or hide the traces below the pictures.</source>
        <translation>Mostrar ou ocultar as curvas abaixo das imagens.</translation>
    </message>
    <message>
        <source>Pro&amp;blems</source>
        <translation>Pro&amp;blemas</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it.</source>
        <translation>O que falhou e o que se pode fazer.</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>A&amp;juda</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>Ver a &amp;demo</translation>
    </message>
    <message>
        <source>Play the demo that comes with the program, in an empty tile or a new one.</source>
        <translation>Reproduzir a demo que vem com o programa, em um visor vazio ou em um novo.</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>&amp;Manual</translation>
    </message>
    <message>
        <source>How to use the program, and what each message means.</source>
        <translation>Como usar o programa e o que significa cada mensagem.</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>Atalhos de &amp;teclado</translation>
    </message>
    <message>
        <source>All shortcuts on one page.</source>
        <translation>Todos os atalhos em uma página.</translation>
    </message>
    <message>
        <source>Open the &amp;log folder</source>
        <translation>Abrir a pasta de re&amp;gistros</translation>
    </message>
    <message>
        <source>Where the program writes down what it did.</source>
        <translation>Onde o programa anota o que fez.</translation>
    </message>
    <message>
        <source>Save d&amp;iagnostics…</source>
        <translation>Salvar d&amp;iagnóstico…</translation>
    </message>
    <message>
        <source>Save what others need to help, without names, folders and passwords.</source>
        <translation>Salvar o que outros precisam para ajudar, sem nomes, pastas nem senhas.</translation>
    </message>
    <message>
        <source>&amp;About Inferoscope</source>
        <translation>&amp;Sobre o Inferoscope</translation>
    </message>
    <message>
        <source>Version and licences.</source>
        <translation>Versão e licenças.</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Cancel loading; what ran before goes on</source>
        <translation>Cancelar o carregamento; continua o que estava em execução</translation>
    </message>
    <message>
        <source>Cancel loading</source>
        <translation>Cancelar o carregamento</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>Progresso do carregamento</translation>
    </message>
    <message>
        <source>What really runs</source>
        <translation>O que realmente é executado</translation>
    </message>
    <message>
        <source>What really runs: {words}</source>
        <translation>O que realmente é executado: {words}</translation>
    </message>
    <message>
        <source>What really runs, as the runtime tells it. Click for the whole report.</source>
        <translation>O que realmente é executado, segundo o motor de inferência. Clique para ver o relatório completo.</translation>
    </message>
    <message>
        <source>Execution report</source>
        <translation>Relatório de execução</translation>
    </message>
</context>
<context>
    <name>CheatSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atalhos de teclado</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fechar</translation>
    </message>
    <message>
        <source> or </source>
        <translation> ou </translation>
    </message>
</context>
<context>
    <name>Correction</name>
    <message>
        <source>Decides how the numbers that the model gives are read.</source>
        <translation>Decide como são lidos os números que o modelo dá.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>desconhecida</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Família</translation>
    </message>
    <message>
        <source>The file fixes it.</source>
        <translation>O arquivo o fixa.</translation>
    </message>
    <message>
        <source>Reading the class names</source>
        <translation>Leitura dos nomes das classes</translation>
    </message>
    <message>
        <source>Keeping the correction</source>
        <translation>Gravação da correção</translation>
    </message>
    <message>
        <source>Forgetting the correction</source>
        <translation>Remoção da correção</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Leitura do modelo</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>Identificação do modelo</translation>
    </message>
    <message>
        <source>Start the stream to see a preview.</source>
        <translation>Inicie o fluxo para ver uma prévia.</translation>
    </message>
    <message>
        <source>it was not recognised</source>
        <translation>não foi reconhecido</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>falhou</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>Análise da imagem</translation>
    </message>
    <message>
        <source>Now: {now}. Before: {before}.</source>
        <translation>Agora: {now}. Antes: {before}.</translation>
    </message>
    <message>
        <source>Their number is not known.</source>
        <translation>Não se sabe quantas são.</translation>
    </message>
    <message>
        <source>Now {count}, from {source}: {names} …</source>
        <translation>Agora {count}, de {source}: {names} …</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamanho</translation>
    </message>
    <message>
        <source>Width x height of the picture that the model is given, in pixels.</source>
        <translation>Largura x altura da imagem que o modelo recebe, em pixels.</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Lote</translation>
    </message>
    <message>
        <source>Pictures in one run.</source>
        <translation>Imagens por execução.</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Ajuste</translation>
    </message>
    <message>
        <source>How a picture of another shape gets into that size.</source>
        <translation>Como uma imagem de outras proporções é levada a esse tamanho.</translation>
    </message>
    <message>
        <source>Border</source>
        <translation>Borda</translation>
    </message>
    <message>
        <source>Colour round a letterboxed picture, 0 to 255: one number, or blue, green, red.</source>
        <translation>Cor em volta de uma imagem com faixas, de 0 a 255: um número, ou azul, verde, vermelho.</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Cores</translation>
    </message>
    <message>
        <source>Order of the colours that the model expects.</source>
        <translation>Ordem das cores que o modelo espera.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Média</translation>
    </message>
    <message>
        <source>Taken away from each pixel (0 to 255): one number, or one for each colour.</source>
        <translation>É subtraída de cada pixel (0 a 255): um número, ou um por cor.</translation>
    </message>
    <message>
        <source>Divisor</source>
        <translation>Divisor</translation>
    </message>
    <message>
        <source>Each pixel is divided by it afterwards; 255 makes 0 to 1, 1 leaves 0 to 255.</source>
        <translation>Depois, cada pixel é dividido por ele: 255 dá de 0 a 1; 1 deixa de 0 a 255.</translation>
    </message>
    <message>
        <source>Number of classes</source>
        <translation>Número de classes</translation>
    </message>
    <message>
        <source>Scores for each box.</source>
        <translation>Pontuações por caixa.</translation>
    </message>
    <message>
        <source>A row for each box</source>
        <translation>Uma linha por caixa</translation>
    </message>
    <message>
        <source>On: boxes are rows of the output. Off: boxes are columns.</source>
        <translation>Sim: as caixas são linhas da saída. Não: as caixas são colunas.</translation>
    </message>
    <message>
        <source>Boxes relative to the grid</source>
        <translation>Caixas relativas à grade</translation>
    </message>
    <message>
        <source>On: boxes are offsets from cells of a grid. Off: boxes are in pixels already.</source>
        <translation>Sim: as caixas são deslocamentos a partir das células de uma grade. Não: já estão em pixels.</translation>
    </message>
    <message>
        <source>Strides</source>
        <translation>Passos (strides)</translation>
    </message>
    <message>
        <source>Pixels between neighbouring cells of each grid, with commas.</source>
        <translation>Pixels entre células vizinhas de cada grade, separados por vírgulas.</translation>
    </message>
    <message>
        <source>Steps of a box side</source>
        <translation>Níveis de um lado da caixa</translation>
    </message>
    <message>
        <source>Largest value of the distribution that a side of a box is read from (reg_max).</source>
        <translation>Valor máximo da distribuição da qual se lê um lado da caixa (reg_max).</translation>
    </message>
    <message>
        <source>Scores are logits</source>
        <translation>As pontuações são logits</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a sigmoid.</source>
        <translation>Sim: uma sigmoide ainda precisa levar as pontuações a 0–1.</translation>
    </message>
    <message>
        <source>Count from the centre of a cell</source>
        <translation>Contar do centro da célula</translation>
    </message>
    <message>
        <source>On: boxes count from the centre of a cell. Off: from its corner, as in NanoDet-Plus.</source>
        <translation>Sim: as caixas contam a partir do centro de uma célula. Não: a partir do canto, como no NanoDet-Plus.</translation>
    </message>
    <message>
        <source>Number of the first class</source>
        <translation>Número da primeira classe</translation>
    </message>
    <message>
        <source>1 where the model counts its classes from 1, or has a background class before them.</source>
        <translation>1 se o modelo conta suas classes a partir de 1 ou tem antes uma classe de fundo.</translation>
    </message>
    <message>
        <source>Boxes from 0 to 1</source>
        <translation>Caixas de 0 a 1</translation>
    </message>
    <message>
        <source>On: boxes are shares of the picture. Off: they are pixels.</source>
        <translation>Sim: as caixas são frações da imagem. Não: são pixels.</translation>
    </message>
    <message>
        <source>Last class is “no object”</source>
        <translation>A última classe é “nenhum objeto”</translation>
    </message>
    <message>
        <source>On: the last class means that there is nothing, as in DETR.</source>
        <translation>Sim: a última classe significa que não há nada, como no DETR.</translation>
    </message>
    <message>
        <source>Order in a box</source>
        <translation>Ordem dentro da caixa</translation>
    </message>
    <message>
        <source>Which number of a box is which.</source>
        <translation>Qual número da caixa é qual.</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>Pontos-chave</translation>
    </message>
    <message>
        <source>Keypoints of each object.</source>
        <translation>Pontos-chave de cada objeto.</translation>
    </message>
    <message>
        <source>Numbers of a keypoint</source>
        <translation>Números de um ponto-chave</translation>
    </message>
    <message>
        <source>2: x and y. 3: a score as well.</source>
        <translation>2: x e y. 3: também uma pontuação.</translation>
    </message>
    <message>
        <source>Outputs are logits</source>
        <translation>As saídas são logits</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a softmax.</source>
        <translation>Sim: um softmax ainda precisa levar as pontuações a 0–1.</translation>
    </message>
    <message>
        <source>Outputs are class numbers</source>
        <translation>As saídas são números de classe</translation>
    </message>
    <message>
        <source>On: each pixel already has the number of its class. Off: it has scores.</source>
        <translation>Sim: cada pixel já tem o número de sua classe. Não: tem pontuações.</translation>
    </message>
    <message>
        <source>1 object</source>
        <translation>1 objeto</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objetos</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nada</translation>
    </message>
    <message>
        <source>Correct the model</source>
        <translation>Corrigir o modelo</translation>
    </message>
    <message>
        <source>One name on each line</source>
        <translation>Um nome por linha</translation>
    </message>
    <message>
        <source>Class names</source>
        <translation>Nomes das classes</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>De um arquivo…</translation>
    </message>
    <message>
        <source>Use these settings</source>
        <translation>Usar estes ajustes</translation>
    </message>
    <message>
        <source>Forget the correction</source>
        <translation>Esquecer a correção</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Por quê</translation>
    </message>
    <message>
        <source>Class names (*.txt *.names *.json *.yaml *.yml *.labels);;All files (*)</source>
        <translation>Nomes de classes (*.txt *.names *.json *.yaml *.yml *.labels);;Todos os arquivos (*)</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Prévia</translation>
    </message>
    <message>
        <source>Take a new picture</source>
        <translation>Obter outra imagem</translation>
    </message>
    <message>
        <source>Look at what the stream shows now.</source>
        <translation>Usar o que o fluxo mostra agora.</translation>
    </message>
    <message>
        <source>Take what the program found.</source>
        <translation>Voltar ao que o programa encontrou.</translation>
    </message>
    <message>
        <source>Take back: {title}</source>
        <translation>Restaurar: {title}</translation>
    </message>
</context>
<context>
    <name>Diagnostics</name>
    <message>
        <source>Collecting diagnostics: {phase}</source>
        <translation>Coleta do diagnóstico: {phase}</translation>
    </message>
    <message>
        <source>Saved as {name}. Names, folders, passwords and cameras were replaced; look through it before you send it.</source>
        <translation>Salvo como {name}. Nomes, pastas, senhas e câmeras foram substituídos; confira-o antes de enviar.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnóstico</translation>
    </message>
    <message>
        <source>devices of {runtime}</source>
        <translation>dispositivos de {runtime}</translation>
    </message>
    <message>
        <source>beginning</source>
        <translation>início</translation>
    </message>
    <message>
        <source>files and folders</source>
        <translation>arquivos e pastas</translation>
    </message>
    <message>
        <source>videos and pictures</source>
        <translation>vídeos e imagens</translation>
    </message>
    <message>
        <source>cameras</source>
        <translation>câmeras</translation>
    </message>
    <message>
        <source>names to be replaced</source>
        <translation>nomes a substituir</translation>
    </message>
    <message>
        <source>writing the archive</source>
        <translation>gravação do arquivo compactado</translation>
    </message>
    <message>
        <source>Inferoscope did not end properly last time ({time}). A report is kept on this computer.</source>
        <translation>O Inferoscope não encerrou corretamente da última vez ({time}). Há um relatório neste computador.</translation>
    </message>
    <message>
        <source>Inferoscope made a mistake last time ({time}). A report is kept on this computer.</source>
        <translation>O Inferoscope cometeu um erro da última vez ({time}). Há um relatório neste computador.</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progresso</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Mostrar a pasta</translation>
    </message>
    <message>
        <source>Save diagnostics…</source>
        <translation>Salvar diagnóstico…</translation>
    </message>
    <message>
        <source>Skip the self-test</source>
        <translation>Pular o autoteste</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Dispensar</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>Dispensar a mensagem</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Models (*.onnx *.xml)</source>
        <translation>Modelos (*.onnx *.xml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos os arquivos (*)</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Abrir um modelo</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>Abrir uma sessão</translation>
    </message>
    <message>
        <source>Session.json</source>
        <translation>Sessão.json</translation>
    </message>
    <message>
        <source>Save the session as</source>
        <translation>Salvar a sessão como</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>Arquivos compactados (*.zip)</translation>
    </message>
    <message>
        <source>Save diagnostics as</source>
        <translation>Salvar o diagnóstico como</translation>
    </message>
    <message>
        <source>Rename the tile</source>
        <translation>Renomear o visor</translation>
    </message>
    <message>
        <source>Name of the tile; leave it empty for its usual name:</source>
        <translation>Nome do visor; deixe vazio para usar o habitual:</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renomear</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Sessions (*.json)</source>
        <translation>Sessões (*.json)</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source> and {outputs} more</source>
        <translation> e mais {outputs}</translation>
    </message>
    <message>
        <source> of the {promised_s} s that its header promises</source>
        <translation> dos {promised_s} s que o cabeçalho promete</translation>
    </message>
    <message>
        <source>(no shape)</source>
        <translation>(sem forma)</translation>
    </message>
    <message>
        <source>, agreement {agreement}</source>
        <translation>, concordância {agreement}</translation>
    </message>
    <message>
        <source>.mp4 (fast) or .webm (for browsers)</source>
        <translation>.mp4 (rápido) ou .webm (para navegadores)</translation>
    </message>
    <message>
        <source>2 GB at most</source>
        <translation>no máximo 2 GB</translation>
    </message>
    <message>
        <source>92 logits are the 91 numbers of COCO and no object</source>
        <translation>92 logits são os 91 números do COCO e nenhum objeto</translation>
    </message>
    <message>
        <source>; it ends after {frames} pictures, {length_s} s{promise}</source>
        <translation>; termina após {frames} imagens, {length_s} s{promise}</translation>
    </message>
    <message>
        <source>A 16-bit picture uses {depth_bits} bits only: its full scale is taken to be that</source>
        <translation>Uma imagem de 16 bits usa só {depth_bits} bits: eles são tomados como a escala completa</translation>
    </message>
    <message>
        <source>A TensorRT engine runs on one GPU only: load the ONNX file that it was built from</source>
        <translation>Um motor TensorRT funciona em uma única GPU: carregue o arquivo ONNX do qual ele foi criado</translation>
    </message>
    <message>
        <source>A fourth stride of 64 with one anchor a cell is NanoDet-Plus&apos;s</source>
        <translation>Um quarto passo (stride) de 64 com uma âncora por célula é do NanoDet-Plus</translation>
    </message>
    <message>
        <source>A lane did not finish within {longest_s} s</source>
        <translation>Uma via de inferência não terminou em {longest_s} s</translation>
    </message>
    <message>
        <source>A live source cannot be sought in</source>
        <translation>Não se pode buscar uma posição em uma fonte ao vivo</translation>
    </message>
    <message>
        <source>A live source does not wait, so not every frame of it can be analysed</source>
        <translation>Uma fonte ao vivo não espera, então nem todos os seus quadros podem ser analisados</translation>
    </message>
    <message>
        <source>A live source has no frames to step through</source>
        <translation>Uma fonte ao vivo não pode ser percorrida quadro a quadro</translation>
    </message>
    <message>
        <source>A live source has no other place to go to</source>
        <translation>Uma fonte ao vivo não tem outra posição para onde ir</translation>
    </message>
    <message>
        <source>A live source has no past to go to</source>
        <translation>Uma fonte ao vivo não tem passado para onde voltar</translation>
    </message>
    <message>
        <source>A person&apos;s correction is applied: {settings}</source>
        <translation>A correção de uma pessoa é aplicada: {settings}</translation>
    </message>
    <message>
        <source>A picture of the video cannot be converted</source>
        <translation>Uma imagem do vídeo não pode ser convertida</translation>
    </message>
    <message>
        <source>A picture of {width}x{height} does not fit this format</source>
        <translation>Uma imagem de {width}x{height} não cabe neste formato</translation>
    </message>
    <message>
        <source>A recording is running</source>
        <translation>Há uma gravação em curso</translation>
    </message>
    <message>
        <source>A row is joined from a box, a score and a class</source>
        <translation>Cada linha une uma caixa, uma pontuação e uma classe</translation>
    </message>
    <message>
        <source>A second input takes a size</source>
        <translation>Uma segunda entrada recebe um tamanho</translation>
    </message>
    <message>
        <source>A second input takes the size that boxes are scaled to (orig_target_sizes)</source>
        <translation>Uma segunda entrada recebe o tamanho para o qual as caixas são escaladas (orig_target_sizes)</translation>
    </message>
    <message>
        <source>A softmax over the classes is what classifiers end with</source>
        <translation>Classificadores terminam com um softmax sobre as classes</translation>
    </message>
    <message>
        <source>A {suffix} file cannot be run</source>
        <translation>Um arquivo {suffix} não pode ser executado</translation>
    </message>
    <message>
        <source>Allow more to be lost, or choose another variant</source>
        <translation>Permita perder mais ou escolha outra variante</translation>
    </message>
    <message>
        <source>An OpenVINO IR cannot be turned back into ONNX</source>
        <translation>Um OpenVINO IR não pode ser convertido de volta em ONNX</translation>
    </message>
    <message>
        <source>An earlier compilation did not end within {earlier_limit_s} minutes</source>
        <translation>Uma compilação anterior não terminou em {earlier_limit_s} minutos</translation>
    </message>
    <message>
        <source>An entry of the list of models cannot be read ({error}): {path}</source>
        <translation>Uma entrada da lista de modelos não pode ser lida ({error}): {path}</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>Análise da imagem</translation>
    </message>
    <message>
        <source>Another recording to this file is running</source>
        <translation>Já há outra gravação neste arquivo</translation>
    </message>
    <message>
        <source>Ask for fp32, or choose another backend</source>
        <translation>Peça fp32 ou escolha outro backend</translation>
    </message>
    <message>
        <source>Ask for {got}</source>
        <translation>Peça {got}</translation>
    </message>
    <message>
        <source>Ask for {got}, or choose another backend</source>
        <translation>Peça {got} ou escolha outro backend</translation>
    </message>
    <message>
        <source>Ask for {shares}, or choose another device</source>
        <translation>Peça {shares} ou escolha outro dispositivo</translation>
    </message>
    <message>
        <source>Asked for {rate_hz} pictures per second, got {rate_hz2}</source>
        <translation>Foram pedidas {rate_hz} imagens por segundo, vieram {rate_hz2}</translation>
    </message>
    <message>
        <source>Asked for {wanted_width}x{wanted_height}, got {width}x{height}</source>
        <translation>Foi pedido {wanted_width}x{wanted_height}, veio {width}x{height}</translation>
    </message>
    <message>
        <source>At each stride a box without activation is joined with objectness and classes behind a sigmoid, as YOLOX&apos;s head does</source>
        <translation>Em cada passo (stride) uma caixa sem ativação é unida com objectness e classes após uma sigmoide, como na cabeça do YOLOX</translation>
    </message>
    <message>
        <source>At each stride there are tables of 1, 1, 4 and 10 columns: face, objectness, box and 5 landmarks</source>
        <translation>Em cada passo (stride) há tabelas de 1, 1, 4 e 10 colunas: rosto, objectness, caixa e 5 pontos faciais</translation>
    </message>
    <message>
        <source>At each stride {classes} scores behind a sigmoid are joined with {columns} columns without activation: 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>Em cada passo (stride) são unidas {classes} pontuações após uma sigmoide com {columns} colunas sem ativação: 4 lados de uma caixa vezes {bins} níveis de uma distribuição de distâncias</translation>
    </message>
    <message>
        <source>Behind the scores the output joins {keypoints} numbers: {keypoints2} x {dims} for keypoints</source>
        <translation>Após as pontuações, a saída une {keypoints} números: {keypoints2} x {dims} para pontos-chave</translation>
    </message>
    <message>
        <source>Behind {classes} scores the output joins one number: an angle</source>
        <translation>Após {classes} pontuações, a saída une um número: um ângulo</translation>
    </message>
    <message>
        <source>Beside the rows there are {planes} mask prototypes, a coefficient of each in a row</source>
        <translation>Ao lado das linhas há {planes} protótipos de máscara, com um coeficiente de cada na linha</translation>
    </message>
    <message>
        <source>Beside the table there are {masks} mask prototypes, a coefficient of each in the table</source>
        <translation>Ao lado da tabela há {masks} protótipos de máscara, com um coeficiente de cada na tabela</translation>
    </message>
    <message>
        <source>Boxes end with a sigmoid: shares of the picture</source>
        <translation>As caixas terminam com uma sigmoide: frações da imagem</translation>
    </message>
    <message>
        <source>Build it from the ONNX file that the IR was converted from</source>
        <translation>Crie-a a partir do arquivo ONNX do qual o IR foi convertido</translation>
    </message>
    <message>
        <source>Build it from the float model that this one was made from</source>
        <translation>Crie-a a partir do modelo em ponto flutuante do qual este foi feito</translation>
    </message>
    <message>
        <source>Build its FP16 variant: on the Optimise page, or with inferoscope export</source>
        <translation>Crie sua variante FP16: na página Otimizar ou com inferoscope export</translation>
    </message>
    <message>
        <source>Build its INT8 variant: on the Optimise page, or with inferoscope export</source>
        <translation>Crie sua variante INT8: na página Otimizar ou com inferoscope export</translation>
    </message>
    <message>
        <source>COCO (90 numbers with gaps)</source>
        <translation>COCO (90 números com lacunas)</translation>
    </message>
    <message>
        <source>COCO (91 numbers with gaps)</source>
        <translation>COCO (91 números com lacunas)</translation>
    </message>
    <message>
        <source>Calibrate with a source that shows what the model is to find</source>
        <translation>Calibre com uma fonte que mostre o que o modelo deve detectar</translation>
    </message>
    <message>
        <source>Camera {index}</source>
        <translation>Câmera {index}</translation>
    </message>
    <message>
        <source>Can&apos;t read ONNX file</source>
        <translation>Não é possível ler o arquivo ONNX</translation>
    </message>
    <message>
        <source>Check its permissions</source>
        <translation>Verifique as permissões</translation>
    </message>
    <message>
        <source>Check its rights</source>
        <translation>Verifique as permissões</translation>
    </message>
    <message>
        <source>Check that it is switched on and can be reached from this computer</source>
        <translation>Verifique se está ligada e acessível a partir deste computador</translation>
    </message>
    <message>
        <source>Check that it is switched on, and the port in its address</source>
        <translation>Verifique se está ligada, e a porta do endereço</translation>
    </message>
    <message>
        <source>Check that it is there</source>
        <translation>Verifique se está lá</translation>
    </message>
    <message>
        <source>Check that the program may take pictures of the screen</source>
        <translation>Verifique se o programa pode capturar a tela</translation>
    </message>
    <message>
        <source>Check the address</source>
        <translation>Verifique o endereço</translation>
    </message>
    <message>
        <source>Check the date of this computer, and ask who runs this network whether it looks into connections</source>
        <translation>Verifique a data deste computador e pergunte ao responsável pela rede se ela inspeciona as conexões</translation>
    </message>
    <message>
        <source>Check the inputs on the model card, or choose another device</source>
        <translation>Verifique as entradas na ficha do modelo ou escolha outro dispositivo</translation>
    </message>
    <message>
        <source>Check the name and the folder</source>
        <translation>Verifique o nome e a pasta</translation>
    </message>
    <message>
        <source>Check the network and try again: what has come is kept</source>
        <translation>Verifique a rede e tente de novo: o que já veio é mantido</translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation>Verifique o caminho</translation>
    </message>
    <message>
        <source>Check the rights of this folder</source>
        <translation>Verifique as permissões desta pasta</translation>
    </message>
    <message>
        <source>Check user and password</source>
        <translation>Verifique o usuário e a senha</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>Verificação com todos os quadros</translation>
    </message>
    <message>
        <source>Choose CPU, or another backend</source>
        <translation>Escolha CPU ou outro backend</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was converted from</source>
        <translation>Escolha OpenVINO ou o arquivo ONNX do qual o modelo foi convertido</translation>
    </message>
    <message>
        <source>Choose a device of this computer</source>
        <translation>Escolha um dispositivo deste computador</translation>
    </message>
    <message>
        <source>Choose a file name</source>
        <translation>Escolha um nome de arquivo</translation>
    </message>
    <message>
        <source>Choose a file with pictures</source>
        <translation>Escolha um arquivo com imagens</translation>
    </message>
    <message>
        <source>Choose a model for detection, segmentation, pose or classification</source>
        <translation>Escolha um modelo de detecção, segmentação, pose ou classificação</translation>
    </message>
    <message>
        <source>Choose a shorter name</source>
        <translation>Escolha um nome mais curto</translation>
    </message>
    <message>
        <source>Choose a smaller size</source>
        <translation>Escolha um tamanho menor</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant, or export the model without control flow</source>
        <translation>Escolha uma variante OpenVINO ou exporte o modelo sem fluxo de controle</translation>
    </message>
    <message>
        <source>Choose another backend</source>
        <translation>Escolha outro backend</translation>
    </message>
    <message>
        <source>Choose another backend or look at the log</source>
        <translation>Escolha outro backend ou consulte o registro</translation>
    </message>
    <message>
        <source>Choose another backend, device or precision, or another model</source>
        <translation>Escolha outro backend, dispositivo ou precisão numérica, ou outro modelo</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model again</source>
        <translation>Escolha outro backend ou exporte o modelo de novo</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model in another way</source>
        <translation>Escolha outro backend ou exporte o modelo de outra forma</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model with other operators</source>
        <translation>Escolha outro backend ou exporte o modelo com outros operadores</translation>
    </message>
    <message>
        <source>Choose another device or backend, or export the model in FP32</source>
        <translation>Escolha outro dispositivo ou backend, ou exporte o modelo em FP32</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>Escolha outro arquivo</translation>
    </message>
    <message>
        <source>Choose another folder</source>
        <translation>Escolha outra pasta</translation>
    </message>
    <message>
        <source>Choose another folder or change its permissions</source>
        <translation>Escolha outra pasta ou mude as permissões dela</translation>
    </message>
    <message>
        <source>Choose another name or folder</source>
        <translation>Escolha outro nome ou outra pasta</translation>
    </message>
    <message>
        <source>Choose another precision or device</source>
        <translation>Escolha outra precisão numérica ou outro dispositivo</translation>
    </message>
    <message>
        <source>Choose another variant</source>
        <translation>Escolha outra variante</translation>
    </message>
    <message>
        <source>Choose another variant, or export the model in another way</source>
        <translation>Escolha outra variante ou exporte o modelo de outra forma</translation>
    </message>
    <message>
        <source>Choose another variant, or free some memory</source>
        <translation>Escolha outra variante ou libere memória</translation>
    </message>
    <message>
        <source>Choose another video format in its settings, such as H.264</source>
        <translation>Escolha outro formato de vídeo nas configurações dela, como H.264</translation>
    </message>
    <message>
        <source>Choose frames that show what the model is to find</source>
        <translation>Escolha quadros que mostrem o que o modelo deve detectar</translation>
    </message>
    <message>
        <source>Choose one of these</source>
        <translation>Escolha uma destas opções</translation>
    </message>
    <message>
        <source>Choose one of those that there are</source>
        <translation>Escolha uma das opções que existem</translation>
    </message>
    <message>
        <source>Choose openvino-fp16, or export the model without control flow</source>
        <translation>Escolha openvino-fp16 ou exporte o modelo sem fluxo de controle</translation>
    </message>
    <message>
        <source>Choose the .xml file beside it</source>
        <translation>Escolha o arquivo .xml ao lado dele</translation>
    </message>
    <message>
        <source>Choose the size that it was exported for</source>
        <translation>Escolha o tamanho para o qual foi exportado</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>Escolha dos pesos</translation>
    </message>
    <message>
        <source>Classes are given as float numbers, as TensorFlow&apos;s exporter does</source>
        <translation>As classes vêm como números de ponto flutuante, como faz o exportador do TensorFlow</translation>
    </message>
    <message>
        <source>Classes are shown as numbers; give the right names</source>
        <translation>As classes são mostradas como números; informe os nomes certos</translation>
    </message>
    <message>
        <source>Classes are whole numbers, as EfficientNMS gives them</source>
        <translation>As classes são números inteiros, como o EfficientNMS as dá</translation>
    </message>
    <message>
        <source>Close other programs that use it, plug it in again, and check that you may use it</source>
        <translation>Feche outros programas que a usem, conecte-a de novo e verifique se você tem permissão para usá-la</translation>
    </message>
    <message>
        <source>Collecting frames: {count} of {wanted}</source>
        <translation>Coleta de quadros: {count} de {wanted}</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>Comparação com os rótulos</translation>
    </message>
    <message>
        <source>Comparing {candidate}</source>
        <translation>Comparação de {candidate}</translation>
    </message>
    <message>
        <source>Compiling for {device}</source>
        <translation>Compilação para {device}</translation>
    </message>
    <message>
        <source>Connecting to {source_id}</source>
        <translation>Conectando com {source_id}</translation>
    </message>
    <message>
        <source>Convert it to MP4 (H.264)</source>
        <translation>Converta-o para MP4 (H.264)</translation>
    </message>
    <message>
        <source>Convert it to an OpenVINO IR or to ONNX</source>
        <translation>Converta-o para um OpenVINO IR ou para ONNX</translation>
    </message>
    <message>
        <source>Convert it with model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) in Keras</source>
        <translation>Converta-o com model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) no Keras</translation>
    </message>
    <message>
        <source>Convert it with paddle2onnx</source>
        <translation>Converta-o com paddle2onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --graphdef MODEL --output model.onnx</source>
        <translation>Converta-o com python -m tf2onnx.convert --graphdef MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --keras MODEL --output model.onnx</source>
        <translation>Converta-o com python -m tf2onnx.convert --keras MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --tflite MODEL --output model.onnx</source>
        <translation>Converta-o com python -m tf2onnx.convert --tflite MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert the Darknet weights to ONNX first</source>
        <translation>Converta primeiro os pesos do Darknet para ONNX</translation>
    </message>
    <message>
        <source>Convert the model again with a current OpenVINO</source>
        <translation>Converta o modelo de novo com um OpenVINO atual</translation>
    </message>
    <message>
        <source>Convert the model again, or copy both files again</source>
        <translation>Converta o modelo de novo ou copie os dois arquivos de novo</translation>
    </message>
    <message>
        <source>Convert the video to MP4 (H.264)</source>
        <translation>Converta o vídeo para MP4 (H.264)</translation>
    </message>
    <message>
        <source>Copy both files again</source>
        <translation>Copie os dois arquivos de novo</translation>
    </message>
    <message>
        <source>Copy both files of the model</source>
        <translation>Copie os dois arquivos do modelo</translation>
    </message>
    <message>
        <source>Copy both files of the model again</source>
        <translation>Copie os dois arquivos do modelo de novo</translation>
    </message>
    <message>
        <source>Copy it again</source>
        <translation>Copie-o de novo</translation>
    </message>
    <message>
        <source>Copy or download it again</source>
        <translation>Copie-o ou baixe-o de novo</translation>
    </message>
    <message>
        <source>Copy or record it again</source>
        <translation>Copie-o ou grave-o de novo</translation>
    </message>
    <message>
        <source>Copy, download or export the model again</source>
        <translation>Copie, baixe ou exporte o modelo de novo</translation>
    </message>
    <message>
        <source>Correct the model card</source>
        <translation>Corrija a ficha do modelo</translation>
    </message>
    <message>
        <source>Correct the model&apos;s family or options</source>
        <translation>Corrija a família ou as opções do modelo</translation>
    </message>
    <message>
        <source>Correct {plugins_variable}</source>
        <translation>Corrija {plugins_variable}</translation>
    </message>
    <message>
        <source>Could not open the file</source>
        <translation>O arquivo não pôde ser aberto</translation>
    </message>
    <message>
        <source>Create it or choose another folder</source>
        <translation>Crie-a ou escolha outra pasta</translation>
    </message>
    <message>
        <source>Damaged places in the file cannot be decoded and are left out</source>
        <translation>Partes danificadas do arquivo não podem ser decodificadas e são omitidas</translation>
    </message>
    <message>
        <source>Deformable DETR</source>
        <translation>Deformable DETR</translation>
    </message>
    <message>
        <source>Delete this file, or forget the correction</source>
        <translation>Exclua este arquivo ou esqueça a correção</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>Demo: linha de engarrafamento</translation>
    </message>
    <message>
        <source>Devices of {backend}</source>
        <translation>Dispositivos de {backend}</translation>
    </message>
    <message>
        <source>Do the three planes stand for classes, or is the output a picture?</source>
        <translation>Os três planos são classes, ou a saída é uma imagem?</translation>
    </message>
    <message>
        <source>Download the model again</source>
        <translation>Baixe o modelo de novo</translation>
    </message>
    <message>
        <source>EfficientNMS is a plug-in of TensorRT: other runtimes cannot run this file</source>
        <translation>EfficientNMS é um plug-in do TensorRT: outros motores de inferência não podem executar este arquivo</translation>
    </message>
    <message>
        <source>Export YOLOv8 or later for segmentation</source>
        <translation>Exporte YOLOv8 ou posterior para segmentação</translation>
    </message>
    <message>
        <source>Export it with RT-DETR&apos;s own exporter, which gives labels, boxes and scores</source>
        <translation>Exporte-o com o exportador do próprio RT-DETR, que dá rótulos, caixas e pontuações</translation>
    </message>
    <message>
        <source>Export the model again</source>
        <translation>Exporte o modelo de novo</translation>
    </message>
    <message>
        <source>Export the model again as a single file, and ask who made it</source>
        <translation>Exporte o modelo de novo em um único arquivo e pergunte a quem o fez</translation>
    </message>
    <message>
        <source>Export the model again with a picture as its input</source>
        <translation>Exporte o modelo de novo com uma imagem como entrada</translation>
    </message>
    <message>
        <source>Export the model again with an example of four axes</source>
        <translation>Exporte o modelo de novo com um exemplo de quatro eixos</translation>
    </message>
    <message>
        <source>Export the model again with such an input</source>
        <translation>Exporte o modelo de novo com uma entrada assim</translation>
    </message>
    <message>
        <source>Export the model with a picture as its only input</source>
        <translation>Exporte o modelo com uma imagem como única entrada</translation>
    </message>
    <message>
        <source>Export the model with an older opset, or choose OpenVINO</source>
        <translation>Exporte o modelo com um opset mais antigo ou escolha OpenVINO</translation>
    </message>
    <message>
        <source>Export the model with its decoding (YOLOv7: export.py --grid; YOLOv5: export.py as it is)</source>
        <translation>Exporte o modelo com sua decodificação (YOLOv7: export.py --grid; YOLOv5: export.py como está)</translation>
    </message>
    <message>
        <source>Export the model with its exporter&apos;s default head, or say what it is</source>
        <translation>Exporte o modelo com a cabeça padrão do exportador ou diga o que ele é</translation>
    </message>
    <message>
        <source>Export the model with its weights in a second file</source>
        <translation>Exporte o modelo com os pesos em um segundo arquivo</translation>
    </message>
    <message>
        <source>Export the model with this input fixed</source>
        <translation>Exporte o modelo com esta entrada fixa</translation>
    </message>
    <message>
        <source>Export the model without NMS, or with a count, boxes, scores and classes apart</source>
        <translation>Exporte o modelo sem NMS, ou com contagem, caixas, pontuações e classes em separado</translation>
    </message>
    <message>
        <source>External data path</source>
        <translation>Caminho de dados externos</translation>
    </message>
    <message>
        <source>Fetch the model itself with git lfs pull</source>
        <translation>Obtenha o modelo com git lfs pull</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>Busca das camadas que mais custam</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects with little computing power: good for laptops and many cameras at once.</source>
        <translation>Detecta 80 tipos de objetos do dia a dia com pouco poder de cálculo: bom para notebooks e para muitas câmeras ao mesmo tempo.</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects, such as people, cars, animals and furniture; more accurate, and slower, than NanoDet.</source>
        <translation>Detecta 80 tipos de objetos do dia a dia, como pessoas, carros, animais e móveis; mais exato e mais lento que o NanoDet.</translation>
    </message>
    <message>
        <source>Finds faces, with the eyes, the nose and the corners of the mouth; very small and fast.</source>
        <translation>Detecta rostos, com os olhos, o nariz e os cantos da boca; muito pequeno e rápido.</translation>
    </message>
    <message>
        <source>Free some space</source>
        <translation>Libere espaço</translation>
    </message>
    <message>
        <source>Free some space and try again</source>
        <translation>Libere espaço e tente de novo</translation>
    </message>
    <message>
        <source>Free some space or check the rights of this folder</source>
        <translation>Libere espaço ou verifique as permissões desta pasta</translation>
    </message>
    <message>
        <source>Free some space or choose another disk</source>
        <translation>Libere espaço ou escolha outro disco</translation>
    </message>
    <message>
        <source>Give annotations with the model&apos;s class names</source>
        <translation>Forneça anotações com os nomes de classes do modelo</translation>
    </message>
    <message>
        <source>Give the folder that the annotation file belongs to</source>
        <translation>Informe a pasta à qual pertence o arquivo de anotações</translation>
    </message>
    <message>
        <source>Giving layers back</source>
        <translation>Camadas devolvidas</translation>
    </message>
    <message>
        <source>How the model runs best cannot be kept</source>
        <translation>Não é possível guardar como o modelo funciona melhor</translation>
    </message>
    <message>
        <source>INT8 is no faster than the original here</source>
        <translation>INT8 não é mais rápido que o original aqui</translation>
    </message>
    <message>
        <source>ImageNet (1000)</source>
        <translation>ImageNet (1000)</translation>
    </message>
    <message>
        <source>ImageNet (1000) behind a background class</source>
        <translation>ImageNet (1000) após uma classe de fundo</translation>
    </message>
    <message>
        <source>Install Inferoscope again with all its parts, or choose another variant</source>
        <translation>Instale o Inferoscope de novo com todas as partes ou escolha outra variante</translation>
    </message>
    <message>
        <source>Install Inferoscope again, or use a model of your own</source>
        <translation>Instale o Inferoscope de novo ou use um modelo seu</translation>
    </message>
    <message>
        <source>Install a package of ONNX Runtime with {name}, or name its plug-in library in {plugins_variable}</source>
        <translation>Instale um pacote do ONNX Runtime com {name}, ou informe sua biblioteca de plug-in em {plugins_variable}</translation>
    </message>
    <message>
        <source>Install its libraries and driver, or choose another device</source>
        <translation>Instale as bibliotecas e o driver dele, ou escolha outro dispositivo</translation>
    </message>
    <message>
        <source>Install the driver of the Intel {name}, or choose another device</source>
        <translation>Instale o driver da {name} Intel ou escolha outro dispositivo</translation>
    </message>
    <message>
        <source>Install the libraries and the driver that it needs</source>
        <translation>Instale as bibliotecas e o driver de que precisa</translation>
    </message>
    <message>
        <source>Install the program again, or choose another backend</source>
        <translation>Instale o programa de novo ou escolha outro backend</translation>
    </message>
    <message>
        <source>Is it {best} ({task}), or {others}?</source>
        <translation>É {best} ({task}), ou {others}?</translation>
    </message>
    <message>
        <source>Is it {best} ({task})?</source>
        <translation>É {best} ({task})?</translation>
    </message>
    <message>
        <source>Is the last of the classes no object (taken), or a class?</source>
        <translation>A última das classes é “nenhum objeto” (o suposto) ou uma classe?</translation>
    </message>
    <message>
        <source>It cannot be calibrated without frames</source>
        <translation>Não pode ser calibrado sem quadros</translation>
    </message>
    <message>
        <source>It cannot be written</source>
        <translation>Não pode ser gravado</translation>
    </message>
    <message>
        <source>It does not end with Softmax: logits</source>
        <translation>Não termina com Softmax: logits</translation>
    </message>
    <message>
        <source>It ends with a fully connected layer</source>
        <translation>Termina com uma camada totalmente conectada</translation>
    </message>
    <message>
        <source>It ends with {last}: scores</source>
        <translation>Termina com {last}: pontuações</translation>
    </message>
    <message>
        <source>It gives no picture</source>
        <translation>Não dá imagens</translation>
    </message>
    <message>
        <source>It gives no picture: {why}</source>
        <translation>Não dá imagens: {why}</translation>
    </message>
    <message>
        <source>It holds a language model</source>
        <translation>Contém um modelo de linguagem</translation>
    </message>
    <message>
        <source>It holds weights without a graph: export the model with optimum-cli export onnx</source>
        <translation>Contém pesos sem grafo: exporte o modelo com optimum-cli export onnx</translation>
    </message>
    <message>
        <source>It is a folder, not a file</source>
        <translation>É uma pasta, não um arquivo</translation>
    </message>
    <message>
        <source>It is faster only on a runtime that skips zeroes; the runtimes here compute them</source>
        <translation>Só é mais rápido em um motor de inferência que pula os zeros; os daqui os calculam</translation>
    </message>
    <message>
        <source>It is made by DetectionOutput</source>
        <translation>É feito por DetectionOutput</translation>
    </message>
    <message>
        <source>It is the index of the largest of the classes (ArgMax)</source>
        <translation>É o índice da maior das classes (ArgMax)</translation>
    </message>
    <message>
        <source>It may not be written</source>
        <translation>Não se pode gravá-lo</translation>
    </message>
    <message>
        <source>It runs on none of the runtimes</source>
        <translation>Não funciona com nenhum dos motores de inferência</translation>
    </message>
    <message>
        <source>It sends data to a remote service</source>
        <translation>Envia dados a um serviço remoto</translation>
    </message>
    <message>
        <source>Its planes have the size of the picture</source>
        <translation>Seus planos têm o tamanho da imagem</translation>
    </message>
    <message>
        <source>Its weights are no longer there: {value}</source>
        <translation>Os pesos não estão mais lá: {value}</translation>
    </message>
    <message>
        <source>JSON with images, annotations and categories (instances.json)</source>
        <translation>JSON com images, annotations e categories (instances.json)</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Mantenha-o</translation>
    </message>
    <message>
        <source>Left as it is: it could only be fused into operators that ONNX Runtime alone knows</source>
        <translation>Fica como está: só poderia ser fundido em operadores que apenas o ONNX Runtime conhece</translation>
    </message>
    <message>
        <source>Let it run in real time, or record it first</source>
        <translation>Deixe-a em tempo real ou grave-a primeiro</translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation>Carregue-o de novo</translation>
    </message>
    <message>
        <source>Load the .onnx file that it was made from</source>
        <translation>Carregue o arquivo .onnx do qual foi feito</translation>
    </message>
    <message>
        <source>Load the ONNX file that it was converted from</source>
        <translation>Carregue o arquivo ONNX do qual foi convertido</translation>
    </message>
    <message>
        <source>Load the ONNX file that the ncnn model was converted from</source>
        <translation>Carregue o arquivo ONNX do qual o modelo ncnn foi convertido</translation>
    </message>
    <message>
        <source>Loading the compiled model</source>
        <translation>Carregamento do modelo compilado</translation>
    </message>
    <message>
        <source>Loading the optimised model</source>
        <translation>Carregamento do modelo otimizado</translation>
    </message>
    <message>
        <source>Loading {candidate}</source>
        <translation>Carregamento de {candidate}</translation>
    </message>
    <message>
        <source>Look at the log for details</source>
        <translation>Veja os detalhes no registro</translation>
    </message>
    <message>
        <source>Make it smaller</source>
        <translation>Reduza-o</translation>
    </message>
    <message>
        <source>Moving it to its place</source>
        <translation>Transferência para o lugar definitivo</translation>
    </message>
    <message>
        <source>Moving layers to float</source>
        <translation>Passagem de camadas a ponto flutuante</translation>
    </message>
    <message>
        <source>NMS is inside the graph</source>
        <translation>O NMS está dentro do grafo</translation>
    </message>
    <message>
        <source>Name a model file</source>
        <translation>Informe um arquivo de modelo</translation>
    </message>
    <message>
        <source>Name a source to calibrate with</source>
        <translation>Informe uma fonte para calibrar</translation>
    </message>
    <message>
        <source>Name a source to calibrate with (--calibrate)</source>
        <translation>Informe uma fonte para calibrar (--calibrate)</translation>
    </message>
    <message>
        <source>Name another family, or forget the correction</source>
        <translation>Informe outra família ou esqueça a correção</translation>
    </message>
    <message>
        <source>Name one camera</source>
        <translation>Informe uma câmera</translation>
    </message>
    <message>
        <source>Name the file inside it, such as {models}</source>
        <translation>Informe o arquivo dentro dela, como {models}</translation>
    </message>
    <message>
        <source>Names to be replaced</source>
        <translation>Nomes a substituir</translation>
    </message>
    <message>
        <source>No INT8 variant is within the limit.</source>
        <translation>Nenhuma variante INT8 está dentro do limite.</translation>
    </message>
    <message>
        <source>INT8 runs {best}</source>
        <translation>INT8 executa {best}</translation>
    </message>
    <message>
        <source>, mAP {accuracy} instead of {map}</source>
        <translation>, mAP {accuracy} em vez de {map}</translation>
    </message>
    <message>
        <source>Build it from the FP32 model that this one was made from</source>
        <translation>Crie-a a partir do modelo FP32 do qual este foi feito</translation>
    </message>
    <message>
        <source>Calibrating</source>
        <translation>Calibração</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Verificação</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant</source>
        <translation>Escolha uma variante OpenVINO</translation>
    </message>
    <message>
        <source>Choose another backend or device</source>
        <translation>Escolha outro backend ou outro dispositivo</translation>
    </message>
    <message>
        <source>Choose another source</source>
        <translation>Escolha outra fonte</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Conectando</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Conversão</translation>
    </message>
    <message>
        <source>Deciding</source>
        <translation>Decisão</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Export the labels in COCO&apos;s format</source>
        <translation>Exporte os rótulos no formato COCO</translation>
    </message>
    <message>
        <source>Fusing</source>
        <translation>Fusão</translation>
    </message>
    <message>
        <source>Leave some of the pictures out</source>
        <translation>Deixe algumas das imagens de fora</translation>
    </message>
    <message>
        <source>Leave the annotations out: export then goes by agreement</source>
        <translation>Omita as anotações: então o export se guia pela concordância</translation>
    </message>
    <message>
        <source>No INT8 variant within the limit is faster than the original; the nearest runs {nearest} (places and scores to {scores})</source>
        <translation>Nenhuma variante INT8 dentro do limite é mais rápida que o original; a mais próxima executa {nearest} (posições e pontuações: {scores})</translation>
    </message>
    <message>
        <source>No connection to the server can be made</source>
        <translation>Não é possível conectar ao servidor</translation>
    </message>
    <message>
        <source>No decoder reads this family of models</source>
        <translation>Nenhum decodificador lê esta família de modelos</translation>
    </message>
    <message>
        <source>No picture can be written with this ending</source>
        <translation>Nenhuma imagem pode ser gravada com esta extensão</translation>
    </message>
    <message>
        <source>No picture for {age_s} s</source>
        <translation>Sem imagem há {age_s} s</translation>
    </message>
    <message>
        <source>No picture in the file can be decoded</source>
        <translation>Nenhuma imagem do arquivo pode ser decodificada</translation>
    </message>
    <message>
        <source>No video can be written with this ending</source>
        <translation>Nenhum vídeo pode ser gravado com esta extensão</translation>
    </message>
    <message>
        <source>None of the pictures in the folder can be read</source>
        <translation>Nenhuma das imagens da pasta pode ser lida</translation>
    </message>
    <message>
        <source>Nothing moves boxes by the grid: they are still offsets and logarithms of sizes</source>
        <translation>Nada desloca as caixas pela grade: elas ainda são deslocamentos e logaritmos de tamanhos</translation>
    </message>
    <message>
        <source>ONNX Runtime</source>
        <translation>ONNX Runtime</translation>
    </message>
    <message>
        <source>ONNX Runtime does not read OpenVINO models</source>
        <translation>O ONNX Runtime não lê modelos OpenVINO</translation>
    </message>
    <message>
        <source>ONNX Runtime does not tell in which precision {place} computes</source>
        <translation>O ONNX Runtime não informa em que precisão numérica {place} calcula</translation>
    </message>
    <message>
        <source>ONNX Runtime has no such operator: {part1}</source>
        <translation>O ONNX Runtime não tem este operador: {part1}</translation>
    </message>
    <message>
        <source>ONNX Runtime has no {part1} for these types here</source>
        <translation>O ONNX Runtime não tem {part1} para estes tipos aqui</translation>
    </message>
    <message>
        <source>ONNX Runtime knows no device {device}</source>
        <translation>O ONNX Runtime não conhece o dispositivo {device}</translation>
    </message>
    <message>
        <source>ONNX Runtime&apos;s CPU computes FP16 files in FP32 and slower; they are for GPUs and other accelerators</source>
        <translation>A CPU do ONNX Runtime calcula arquivos FP16 em FP32 e mais devagar; eles são para GPUs e outros aceleradores</translation>
    </message>
    <message>
        <source>Objectness is a constant 1, as YOLOv6&apos;s head writes it</source>
        <translation>Objectness é uma constante 1, como a cabeça do YOLOv6 a escreve</translation>
    </message>
    <message>
        <source>Only {different} frames differ from each other; {wanted} are better</source>
        <translation>Só {different} quadros diferem entre si; {wanted} é melhor</translation>
    </message>
    <message>
        <source>Only {expected} found on the frames that were compared: more frames would tell more.</source>
        <translation>Só {expected} detecções nos quadros comparados: mais quadros diriam mais.</translation>
    </message>
    <message>
        <source>OpenCV DNN</source>
        <translation>OpenCV DNN</translation>
    </message>
    <message>
        <source>OpenCV cannot run layers of these number formats</source>
        <translation>O OpenCV não pode executar camadas destes formatos numéricos</translation>
    </message>
    <message>
        <source>OpenCV cannot run the operator {part1}</source>
        <translation>O OpenCV não pode executar o operador {part1}</translation>
    </message>
    <message>
        <source>OpenCV cannot run this model</source>
        <translation>O OpenCV não pode executar este modelo</translation>
    </message>
    <message>
        <source>OpenCV computes this model in {got} when asked for {precision}</source>
        <translation>O OpenCV calcula este modelo em {got} quando se pede {precision}</translation>
    </message>
    <message>
        <source>OpenCV does not read these OpenVINO models</source>
        <translation>O OpenCV não lê estes modelos OpenVINO</translation>
    </message>
    <message>
        <source>OpenCV knows no device {device}</source>
        <translation>O OpenCV não conhece o dispositivo {device}</translation>
    </message>
    <message>
        <source>OpenCV ran no layer on {device}</source>
        <translation>O OpenCV não executou nenhuma camada em {device}</translation>
    </message>
    <message>
        <source>OpenCV&apos;s {device} computes in FP32 when asked for </source>
        <translation>A {device} do OpenCV calcula em FP32 quando se pede </translation>
    </message>
    <message>
        <source>OpenVINO cannot keep this compiled model for the next start: {error}</source>
        <translation>O OpenVINO não pode guardar este modelo compilado para o próximo início: {error}</translation>
    </message>
    <message>
        <source>OpenVINO cannot prepare an inference of this model</source>
        <translation>O OpenVINO não pode preparar uma inferência deste modelo</translation>
    </message>
    <message>
        <source>OpenVINO does not tell in which precision this device computes</source>
        <translation>O OpenVINO não informa em que precisão numérica este dispositivo calcula</translation>
    </message>
    <message>
        <source>OpenVINO failed while running</source>
        <translation>O OpenVINO falhou durante a execução</translation>
    </message>
    <message>
        <source>OpenVINO finds no Intel {name} with a working driver</source>
        <translation>O OpenVINO não encontra nenhuma {name} Intel com um driver que funcione</translation>
    </message>
    <message>
        <source>OpenVINO has no such operators: {part1}</source>
        <translation>O OpenVINO não tem estes operadores: {part1}</translation>
    </message>
    <message>
        <source>OpenVINO knows no device {device}</source>
        <translation>O OpenVINO não conhece o dispositivo {device}</translation>
    </message>
    <message>
        <source>Optimising for {place}</source>
        <translation>Otimização para {place}</translation>
    </message>
    <message>
        <source>Packed (deflate) it takes {file} bytes, the original {source}</source>
        <translation>Comprimido (deflate) ocupa {file} bytes; o original, {source}</translation>
    </message>
    <message>
        <source>Packing</source>
        <translation>Compressão</translation>
    </message>
    <message>
        <source>Pascal VOC (20)</source>
        <translation>Pascal VOC (20)</translation>
    </message>
    <message>
        <source>Pascal VOC (20) behind a background class</source>
        <translation>Pascal VOC (20) após uma classe de fundo</translation>
    </message>
    <message>
        <source>Pictures have no time</source>
        <translation>Imagens não têm tempo</translation>
    </message>
    <message>
        <source>Pixels of type {dtype} are not supported</source>
        <translation>Pixels do tipo {dtype} não são aceitos</translation>
    </message>
    <message>
        <source>Play it as it is</source>
        <translation>Reproduza-o como é</translation>
    </message>
    <message>
        <source>Play it in another program to check it, or convert it to MP4 (H.264)</source>
        <translation>Reproduza-o em outro programa para verificá-lo ou converta-o para MP4 (H.264)</translation>
    </message>
    <message>
        <source>Plug one in, and check that you may use it</source>
        <translation>Conecte uma e verifique se você tem permissão para usá-la</translation>
    </message>
    <message>
        <source>Put both files into one folder, or export the model as a single file</source>
        <translation>Coloque os dois arquivos em uma pasta ou exporte o modelo em um único arquivo</translation>
    </message>
    <message>
        <source>Put it beside the model</source>
        <translation>Coloque-o ao lado do modelo</translation>
    </message>
    <message>
        <source>Queries are learnt and none is selected in the graph, as in DETR: softmax, the last is no object</source>
        <translation>As consultas são aprendidas e nenhuma é selecionada no grafo, como no DETR: softmax, a última é “nenhum objeto”</translation>
    </message>
    <message>
        <source>RT-DETR or D-FINE</source>
        <translation>RT-DETR ou D-FINE</translation>
    </message>
    <message>
        <source>RT-DETR, D-FINE or DEIM</source>
        <translation>RT-DETR, D-FINE ou DEIM</translation>
    </message>
    <message>
        <source>Reading back what runs</source>
        <translation>Leitura do que é executado</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Leitura do modelo</translation>
    </message>
    <message>
        <source>Record .mp4 or choose another folder</source>
        <translation>Grave .mp4 ou escolha outra pasta</translation>
    </message>
    <message>
        <source>Record in shorter parts or choose another disk</source>
        <translation>Grave em partes mais curtas ou escolha outro disco</translation>
    </message>
    <message>
        <source>Rename the file or its folder</source>
        <translation>Renomeie o arquivo ou a pasta dele</translation>
    </message>
    <message>
        <source>Replace these pictures, or take them out of the annotations</source>
        <translation>Substitua estas imagens ou retire-as das anotações</translation>
    </message>
    <message>
        <source>Round {number}: measuring {runners} in turn</source>
        <translation>Rodada {number}: medição de {runners} em alternância</translation>
    </message>
    <message>
        <source>SCHEME://USER:PASSWORD@HOST:PORT/PATH with rtsp, rtsps, http or https</source>
        <translation>ESQUEMA://USUÁRIO:SENHA@HOST:PORTA/CAMINHO com rtsp, rtsps, http ou https</translation>
    </message>
    <message>
        <source>SHA-256 expected {sha256}, got {found}</source>
        <translation>SHA-256 esperado {sha256}, obtido {found}</translation>
    </message>
    <message>
        <source>Save a .png</source>
        <translation>Salve um .png</translation>
    </message>
    <message>
        <source>Save it again as PNG</source>
        <translation>Salve-a de novo como PNG</translation>
    </message>
    <message>
        <source>Save it again with 8 or 16 bits</source>
        <translation>Salve-a de novo com 8 ou 16 bits</translation>
    </message>
    <message>
        <source>Save the model with an older version of the onnx package</source>
        <translation>Salve o modelo com uma versão mais antiga do pacote onnx</translation>
    </message>
    <message>
        <source>Save them again as PNG or JPEG</source>
        <translation>Salve-as de novo como PNG ou JPEG</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; small and fast.</source>
        <translation>Diz qual de 1000 coisas a imagem inteira mostra; pequeno e rápido.</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; smaller and a little more accurate than its predecessor.</source>
        <translation>Diz qual de 1000 coisas a imagem inteira mostra; menor e um pouco mais exato que seu antecessor.</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; the most accurate classifier here, and the largest.</source>
        <translation>Diz qual de 1000 coisas a imagem inteira mostra; o classificador mais exato daqui, e o maior.</translation>
    </message>
    <message>
        <source>Screen {index}</source>
        <translation>Tela {index}</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>Segmentação semântica</translation>
    </message>
    <message>
        <source>Separates people from the background, for people close to the camera.</source>
        <translation>Separa pessoas do fundo, para pessoas próximas da câmera.</translation>
    </message>
    <message>
        <source>Several cameras have this name</source>
        <translation>Várias câmeras têm este nome</translation>
    </message>
    <message>
        <source>Sizes are squared before they are multiplied with anchors, as in YOLOv5 and YOLOv7</source>
        <translation>Os tamanhos são elevados ao quadrado antes de serem multiplicados pelas âncoras, como no YOLOv5 e no YOLOv7</translation>
    </message>
    <message>
        <source>Start at 0, or choose a number</source>
        <translation>Comece em 0 ou escolha um número</translation>
    </message>
    <message>
        <source>Start the program again</source>
        <translation>Inicie o programa de novo</translation>
    </message>
    <message>
        <source>Start the program from a desktop, or choose another source</source>
        <translation>Inicie o programa em uma área de trabalho ou escolha outra fonte</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Início</translation>
    </message>
    <message>
        <source>Starting the runtime</source>
        <translation>Início do motor de inferência</translation>
    </message>
    <message>
        <source>Stay with the original on {badge}: nothing that was tried is faster and within the limit.</source>
        <translation>Fique com o original em {badge}: nada do que foi testado é mais rápido e está dentro do limite.</translation>
    </message>
    <message>
        <source>Stop it before you start another one</source>
        <translation>Pare-a antes de começar outra</translation>
    </message>
    <message>
        <source>Strides {levels} have a table of {classes} scores and one of {columns} columns each</source>
        <translation>Os passos (strides) {levels} têm cada um uma tabela de {classes} pontuações e outra de {columns} colunas</translation>
    </message>
    <message>
        <source>Take {what} on {badge}{value}: {reason}{report}.</source>
        <translation>Use {what} em {badge}{value}: {reason}{report}.</translation>
    </message>
    <message>
        <source>TensorFlow SSD</source>
        <translation>TensorFlow SSD</translation>
    </message>
    <message>
        <source>The .bin file is missing or cut short</source>
        <translation>O arquivo .bin está faltando ou incompleto</translation>
    </message>
    <message>
        <source>The ONNX file has format version {ir_version}, which is too new</source>
        <translation>O arquivo ONNX tem a versão de formato {ir_version}, que é nova demais</translation>
    </message>
    <message>
        <source>The ONNX file is cut short: what follows the graph is missing</source>
        <translation>O arquivo ONNX está incompleto: falta o que vem depois do grafo</translation>
    </message>
    <message>
        <source>The OpenVINO IR has version {version}</source>
        <translation>O OpenVINO IR tem a versão {version}</translation>
    </message>
    <message>
        <source>The OpenVINO model has no weights</source>
        <translation>O modelo OpenVINO não tem pesos</translation>
    </message>
    <message>
        <source>The address is not a secure one</source>
        <translation>O endereço não é seguro</translation>
    </message>
    <message>
        <source>The annotation file cannot be read</source>
        <translation>O arquivo de anotações não pode ser lido</translation>
    </message>
    <message>
        <source>The annotation file is too large</source>
        <translation>O arquivo de anotações é grande demais</translation>
    </message>
    <message>
        <source>The camera cannot be opened</source>
        <translation>A câmera não pode ser aberta</translation>
    </message>
    <message>
        <source>The camera gives no picture</source>
        <translation>A câmera não dá imagens</translation>
    </message>
    <message>
        <source>The certificate of the server is not checked</source>
        <translation>O certificado do servidor não é verificado</translation>
    </message>
    <message>
        <source>The child process that listed its devices {what}</source>
        <translation>O processo filho que listava seus dispositivos {what}</translation>
    </message>
    <message>
        <source>The class names cannot be read</source>
        <translation>Os nomes das classes não podem ser lidos</translation>
    </message>
    <message>
        <source>The command &apos;inferoscope backends&apos; lists what each device can do</source>
        <translation>O comando &apos;inferoscope backends&apos; lista o que cada dispositivo pode fazer</translation>
    </message>
    <message>
        <source>The compiled model could not be kept for the next start: {strerror}</source>
        <translation>O modelo compilado não pôde ser guardado para o próximo início: {strerror}</translation>
    </message>
    <message>
        <source>The connection broke off</source>
        <translation>A conexão caiu</translation>
    </message>
    <message>
        <source>The connection ended early</source>
        <translation>A conexão terminou antes do tempo</translation>
    </message>
    <message>
        <source>The correction cannot be written</source>
        <translation>A correção não pode ser gravada</translation>
    </message>
    <message>
        <source>The demo model</source>
        <translation>O modelo da demo</translation>
    </message>
    <message>
        <source>The detections of all pictures come as one list, which is not read</source>
        <translation>As detecções de todas as imagens vêm em uma só lista, que não é lida</translation>
    </message>
    <message>
        <source>The disk is almost full: {free} MB are free</source>
        <translation>O disco está quase cheio: restam {free} MB livres</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>O disco está cheio</translation>
    </message>
    <message>
        <source>The disk is read-only</source>
        <translation>O disco é somente leitura</translation>
    </message>
    <message>
        <source>The disk quota is used up</source>
        <translation>A cota de disco está esgotada</translation>
    </message>
    <message>
        <source>The family {family} cannot read these outputs: {outputs}</source>
        <translation>A família {family} não pode ler estas saídas: {outputs}</translation>
    </message>
    <message>
        <source>The file cannot be deleted ({reason})</source>
        <translation>O arquivo não pode ser excluído ({reason})</translation>
    </message>
    <message>
        <source>The file cannot be opened</source>
        <translation>O arquivo não pode ser aberto</translation>
    </message>
    <message>
        <source>The file cannot be read ({reason})</source>
        <translation>O arquivo não pode ser lido ({reason})</translation>
    </message>
    <message>
        <source>The file cannot be written ({strerror})</source>
        <translation>O arquivo não pode ser gravado ({strerror})</translation>
    </message>
    <message>
        <source>The file for the results could not be opened in time</source>
        <translation>O arquivo de resultados não pôde ser aberto a tempo</translation>
    </message>
    <message>
        <source>The file has ONNX IR version {part1}; this ONNX Runtime knows versions up to {part2}</source>
        <translation>O arquivo tem a versão {part1} do ONNX IR; este ONNX Runtime conhece versões até {part2}</translation>
    </message>
    <message>
        <source>The file has become larger than it may be</source>
        <translation>O arquivo ficou maior do que pode ser</translation>
    </message>
    <message>
        <source>The file holds FP16 numbers, but {place} computes them in FP32, slower than an FP32 file</source>
        <translation>O arquivo contém números FP16, mas {place} os calcula em FP32, mais devagar que um arquivo FP32</translation>
    </message>
    <message>
        <source>The file holds INT8 layers, but {device} computes them in {shares}</source>
        <translation>O arquivo contém camadas INT8, mas {device} as calcula em {shares}</translation>
    </message>
    <message>
        <source>The file holds only sound</source>
        <translation>O arquivo contém só som</translation>
    </message>
    <message>
        <source>The file holds text, not a video</source>
        <translation>O arquivo contém texto, não um vídeo</translation>
    </message>
    <message>
        <source>The file is cut off: {there} of {promised} bytes are there</source>
        <translation>O arquivo está cortado: há {there} de {promised} bytes</translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation>O arquivo está danificado</translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation>O arquivo está vazio</translation>
    </message>
    <message>
        <source>The file is empty (0 bytes)</source>
        <translation>O arquivo está vazio (0 bytes)</translation>
    </message>
    <message>
        <source>The file is no longer there</source>
        <translation>O arquivo não está mais lá</translation>
    </message>
    <message>
        <source>The file is not a picture, or it is damaged</source>
        <translation>O arquivo não é uma imagem ou está danificado</translation>
    </message>
    <message>
        <source>The file is not an ONNX model, or it is cut short</source>
        <translation>O arquivo não é um modelo ONNX ou está incompleto</translation>
    </message>
    <message>
        <source>The file is not an OpenVINO IR, or it is damaged</source>
        <translation>O arquivo não é um OpenVINO IR ou está danificado</translation>
    </message>
    <message>
        <source>The file is too large for ONNX</source>
        <translation>O arquivo é grande demais para ONNX</translation>
    </message>
    <message>
        <source>The file leaves the size of the picture free: {width}x{height} is taken, as {source}</source>
        <translation>O arquivo deixa livre o tamanho da imagem: usa-se {width}x{height}; {source}</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to a runtime</source>
        <translation>O nome do arquivo tem letras que não podem ser passadas a um motor de inferência</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the decoder</source>
        <translation>O nome do arquivo tem letras que não podem ser passadas ao decodificador</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the encoder</source>
        <translation>O nome do arquivo tem letras que não podem ser passadas ao codificador</translation>
    </message>
    <message>
        <source>The file name is too long</source>
        <translation>O nome do arquivo é longo demais</translation>
    </message>
    <message>
        <source>The file that came is not the one in the catalogue, so it was deleted</source>
        <translation>O arquivo que veio não é o do catálogo, por isso foi excluído</translation>
    </message>
    <message>
        <source>The file with the model&apos;s weights is missing</source>
        <translation>O arquivo com os pesos do modelo está faltando</translation>
    </message>
    <message>
        <source>The folder cannot be read</source>
        <translation>A pasta não pode ser lida</translation>
    </message>
    <message>
        <source>The folder cannot be read ({strerror}): {folder}</source>
        <translation>A pasta não pode ser lida ({strerror}): {folder}</translation>
    </message>
    <message>
        <source>The folder does not exist</source>
        <translation>A pasta não existe</translation>
    </message>
    <message>
        <source>The folder has no pictures</source>
        <translation>A pasta não tem imagens</translation>
    </message>
    <message>
        <source>The folder is not available: {folder}</source>
        <translation>A pasta não está disponível: {folder}</translation>
    </message>
    <message>
        <source>The graph begins by normalising the picture: it takes 0 to 1</source>
        <translation>O grafo começa normalizando a imagem: recebe de 0 a 1</translation>
    </message>
    <message>
        <source>The graph begins by scaling the picture: it takes 0 to 255</source>
        <translation>O grafo começa escalando a imagem: recebe de 0 a 255</translation>
    </message>
    <message>
        <source>The graph ends with the exponential of sizes, the grid and the strides: decoded YOLOX boxes</source>
        <translation>O grafo termina com a exponencial dos tamanhos, a grade e os passos (strides): caixas do YOLOX decodificadas</translation>
    </message>
    <message>
        <source>The graph has branches or loops ({found}), which this recipe cannot take</source>
        <translation>O grafo tem ramificações ou laços ({found}), que esta receita não aceita</translation>
    </message>
    <message>
        <source>The graph has operators that need a plug-in of the runtime: {found}</source>
        <translation>O grafo tem operadores que precisam de um plug-in do motor de inferência: {found}</translation>
    </message>
    <message>
        <source>The graph is too large to be a vision model</source>
        <translation>O grafo é grande demais para ser um modelo de visão</translation>
    </message>
    <message>
        <source>The graph itself picks the best candidates (TopK)</source>
        <translation>O próprio grafo escolhe os melhores candidatos (TopK)</translation>
    </message>
    <message>
        <source>The graph picks the best queries (TopK) and has no NMS</source>
        <translation>O grafo escolhe as melhores consultas (TopK) e não tem NMS</translation>
    </message>
    <message>
        <source>The graph selects queries or samples at points (TopK, GridSample): scores by sigmoid</source>
        <translation>O grafo seleciona consultas ou amostra em pontos (TopK, GridSample): pontuações por sigmoide</translation>
    </message>
    <message>
        <source>The graph turns boxes with sine and cosine</source>
        <translation>O grafo gira as caixas com seno e cosseno</translation>
    </message>
    <message>
        <source>The head turns distance distributions into boxes (DFL), as YOLOv8 and later do</source>
        <translation>A cabeça transforma distribuições de distâncias em caixas (DFL), como o YOLOv8 e posteriores</translation>
    </message>
    <message>
        <source>The input takes bytes</source>
        <translation>A entrada recebe bytes</translation>
    </message>
    <message>
        <source>The input takes bytes: scaling is inside the graph</source>
        <translation>A entrada recebe bytes: a escala está dentro do grafo</translation>
    </message>
    <message>
        <source>The input {spec} has the shape {declared}</source>
        <translation>A entrada {spec} tem a forma {declared}</translation>
    </message>
    <message>
        <source>The input {spec} has the type {dtype}, in which no picture can be given</source>
        <translation>A entrada {spec} é do tipo {dtype}, no qual nenhuma imagem pode ser dada</translation>
    </message>
    <message>
        <source>The input {spec} takes whole numbers ({dtype}), which cannot be scaled</source>
        <translation>A entrada {spec} recebe números inteiros ({dtype}), que não podem ser escalados</translation>
    </message>
    <message>
        <source>The installed ONNX Runtime was built without {name}</source>
        <translation>O ONNX Runtime instalado foi criado sem {name}</translation>
    </message>
    <message>
        <source>The lane is closed</source>
        <translation>A via de inferência está fechada</translation>
    </message>
    <message>
        <source>The library that builds it cannot take this model</source>
        <translation>A biblioteca que a cria não aceita este modelo</translation>
    </message>
    <message>
        <source>The library that builds it has no such operator: {unknown}</source>
        <translation>A biblioteca que a cria não tem este operador: {unknown}</translation>
    </message>
    <message>
        <source>The list of models cannot be kept ({reason})</source>
        <translation>A lista de modelos não pode ser guardada ({reason})</translation>
    </message>
    <message>
        <source>The list of models cannot be read ({error}): {path}</source>
        <translation>A lista de modelos não pode ser lida ({error}): {path}</translation>
    </message>
    <message>
        <source>The metadata names {classes} classes, as many as the outputs have</source>
        <translation>Os metadados nomeiam {classes} classes, tantas quantas as saídas têm</translation>
    </message>
    <message>
        <source>The metadata says NMS was exported with the model</source>
        <translation>Os metadados dizem que o NMS foi exportado com o modelo</translation>
    </message>
    <message>
        <source>The metadata says the head is end to end</source>
        <translation>Os metadados dizem que a cabeça é de ponta a ponta</translation>
    </message>
    <message>
        <source>The metadata says the task is classify</source>
        <translation>Os metadados dizem que a tarefa é classificar</translation>
    </message>
    <message>
        <source>The metadata says the task is semantic segmentation</source>
        <translation>Os metadados dizem que a tarefa é segmentação semântica</translation>
    </message>
    <message>
        <source>The metadata says the task is {task}</source>
        <translation>Os metadados dizem que a tarefa é {task}</translation>
    </message>
    <message>
        <source>The metadata says there are {keypoints} keypoints of {dims} numbers</source>
        <translation>Os metadados dizem que há {keypoints} pontos-chave de {dims} números</translation>
    </message>
    <message>
        <source>The model asks for an input {tensor} ({shape} {dtype}) beside the picture, of which nothing is known</source>
        <translation>O modelo pede, além da imagem, uma entrada {tensor} ({shape} {dtype}) da qual nada se sabe</translation>
    </message>
    <message>
        <source>The model did not come back from an inference within {hang_s} s</source>
        <translation>O modelo não voltou de uma inferência em {hang_s} s</translation>
    </message>
    <message>
        <source>The model did not finish its first run within {warm_up_limit_s} s</source>
        <translation>O modelo não terminou a primeira execução em {warm_up_limit_s} s</translation>
    </message>
    <message>
        <source>The model did not give this output</source>
        <translation>O modelo não deu esta saída</translation>
    </message>
    <message>
        <source>The model does not run</source>
        <translation>O modelo não funciona</translation>
    </message>
    <message>
        <source>The model does not run{reason}</source>
        <translation>O modelo não funciona{reason}</translation>
    </message>
    <message>
        <source>The model does not take this input size</source>
        <translation>O modelo não aceita este tamanho de entrada</translation>
    </message>
    <message>
        <source>The model failed while running</source>
        <translation>O modelo falhou durante a execução</translation>
    </message>
    <message>
        <source>The model finds no boxes, so it has no mean average precision</source>
        <translation>O modelo não encontra caixas, então não tem precisão média (mAP)</translation>
    </message>
    <message>
        <source>The model finds nothing on these frames, so nothing can be proven</source>
        <translation>O modelo não detecta nada nestes quadros, então nada pode ser provado</translation>
    </message>
    <message>
        <source>The model gives masks too; they are not shown</source>
        <translation>O modelo também dá máscaras; elas não são mostradas</translation>
    </message>
    <message>
        <source>The model has an input that the card does not fill: {name}</source>
        <translation>O modelo tem uma entrada que a ficha não preenche: {name}</translation>
    </message>
    <message>
        <source>The model has inputs that the card does not fill: {part1}</source>
        <translation>O modelo tem entradas que a ficha não preenche: {part1}</translation>
    </message>
    <message>
        <source>The model has no convolution or matrix product that could be quantised</source>
        <translation>O modelo não tem convolução nem produto de matrizes que possa ser quantizado</translation>
    </message>
    <message>
        <source>The model is closed</source>
        <translation>O modelo está fechado</translation>
    </message>
    <message>
        <source>The model is in half precision already</source>
        <translation>O modelo já está em meia precisão</translation>
    </message>
    <message>
        <source>The model is quantised already</source>
        <translation>O modelo já está quantizado</translation>
    </message>
    <message>
        <source>The model is too large to be rebuilt</source>
        <translation>O modelo é grande demais para ser reconstruído</translation>
    </message>
    <message>
        <source>The model names a weight file outside its own folder, {location}: refused</source>
        <translation>O modelo nomeia um arquivo de pesos fora da própria pasta, {location}: recusado</translation>
    </message>
    <message>
        <source>The model needs opset {part1}; this ONNX Runtime knows opsets up to {part2}</source>
        <translation>O modelo precisa do opset {part1}; este ONNX Runtime conhece opsets até {part2}</translation>
    </message>
    <message>
        <source>The model takes no picture, its inputs are: {taken}</source>
        <translation>O modelo não recebe imagens; suas entradas são: {taken}</translation>
    </message>
    <message>
        <source>The model takes pictures of {spec}, which is too large</source>
        <translation>O modelo recebe imagens de {spec}, o que é grande demais</translation>
    </message>
    <message>
        <source>The model uses ONNX opset {opset}, which is too new</source>
        <translation>O modelo usa o opset {opset} do ONNX, que é novo demais</translation>
    </message>
    <message>
        <source>The model wants a {part2} as its input, the card gives a {part1}</source>
        <translation>O modelo quer {part2} como entrada; a ficha dá {part1}</translation>
    </message>
    <message>
        <source>The model was closed, for it served no stream</source>
        <translation>O modelo foi fechado, pois não servia a nenhum fluxo</translation>
    </message>
    <message>
        <source>The model {what} in its trial run</source>
        <translation>O modelo {what} na execução de teste</translation>
    </message>
    <message>
        <source>The model&apos;s own section model_info says how pictures are prepared</source>
        <translation>A seção model_info do próprio modelo diz como as imagens são preparadas</translation>
    </message>
    <message>
        <source>The model&apos;s weight file {location} is cut short</source>
        <translation>O arquivo de pesos do modelo {location} está incompleto</translation>
    </message>
    <message>
        <source>The model&apos;s weights are in another file, {location}, which is not there</source>
        <translation>Os pesos do modelo estão em outro arquivo, {location}, que não está lá</translation>
    </message>
    <message>
        <source>The model&apos;s {class_names} classes are not the {categories} categories of the annotations</source>
        <translation>As {class_names} classes do modelo não são as {categories} categorias das anotações</translation>
    </message>
    <message>
        <source>The only output is one number for each of {classes} classes</source>
        <translation>A única saída é um número para cada uma de {classes} classes</translation>
    </message>
    <message>
        <source>The original</source>
        <translation>O original</translation>
    </message>
    <message>
        <source>The original finds nothing on the frames, so nothing can be compared</source>
        <translation>O original não detecta nada nos quadros, então nada pode ser comparado</translation>
    </message>
    <message>
        <source>The output has a number or a colour for each pixel, as depth, saliency and picture-making models give</source>
        <translation>A saída tem um número ou uma cor por pixel, como nos modelos de profundidade, saliência ou geração de imagens</translation>
    </message>
    <message>
        <source>The output has a plane for each of {channels} classes, {output}x{output2} pixels</source>
        <translation>A saída tem um plano para cada uma de {channels} classes, {output}x{output2} pixels</translation>
    </message>
    <message>
        <source>The output has rows of 7: picture, label, score and the corners of a box</source>
        <translation>A saída tem linhas de 7: imagem, rótulo, pontuação e cantos de uma caixa</translation>
    </message>
    <message>
        <source>The output has the shape {array}</source>
        <translation>A saída tem a forma {array}</translation>
    </message>
    <message>
        <source>The output has {output} rows of {columns} numbers, fewer than the grid has cells</source>
        <translation>A saída tem {output} linhas de {columns} números, menos do que as células da grade</translation>
    </message>
    <message>
        <source>The output is a whole number for every pixel</source>
        <translation>A saída é um número inteiro para cada pixel</translation>
    </message>
    <message>
        <source>The output is named {output}</source>
        <translation>A saída se chama {output}</translation>
    </message>
    <message>
        <source>The output joins 4 box channels and {classes} scores behind a sigmoid, nothing else</source>
        <translation>A saída une 4 canais de caixa e {classes} pontuações após uma sigmoide, nada mais</translation>
    </message>
    <message>
        <source>The output joins 4 box channels, {classes} scores and {masks} mask coefficients</source>
        <translation>A saída une 4 canais de caixa, {classes} pontuações e {masks} coeficientes de máscara</translation>
    </message>
    <message>
        <source>The outputs are a count, boxes, scores and classes, best first</source>
        <translation>As saídas são contagem, caixas, pontuações e classes, as melhores primeiro</translation>
    </message>
    <message>
        <source>The outputs are named as TensorFlow&apos;s object detection API names them</source>
        <translation>As saídas têm os nomes da API de detecção de objetos do TensorFlow</translation>
    </message>
    <message>
        <source>The outputs are named cls, obj, bbox and kps with their strides, as YuNet&apos;s exporter does</source>
        <translation>As saídas se chamam cls, obj, bbox e kps com seus passos (strides), como faz o exportador do YuNet</translation>
    </message>
    <message>
        <source>The outputs are named {logits} and {boxes}, as DETR and its kin name them</source>
        <translation>As saídas se chamam {logits} e {boxes}, como no DETR e seus parentes</translation>
    </message>
    <message>
        <source>The outputs are raw grids, whose anchors are not in the file</source>
        <translation>As saídas são grades brutas, cujas âncoras não estão no arquivo</translation>
    </message>
    <message>
        <source>The outputs have no layout that the program knows: {shown}{more}</source>
        <translation>As saídas não têm nenhum arranjo que o programa conheça: {shown}{more}</translation>
    </message>
    <message>
        <source>The outputs hold {number} pictures</source>
        <translation>As saídas contêm {number} imagens</translation>
    </message>
    <message>
        <source>The outputs seem to have {count} classes; they are shown as numbers</source>
        <translation>As saídas parecem ter {count} classes; elas são mostradas como números</translation>
    </message>
    <message>
        <source>The picture cannot be decoded</source>
        <translation>A imagem não pode ser decodificada</translation>
    </message>
    <message>
        <source>The picture file is larger than {most_bytes} MiB</source>
        <translation>O arquivo de imagem é maior que {most_bytes} MiB</translation>
    </message>
    <message>
        <source>The picture goes in as height, width, channels, as TensorFlow has it</source>
        <translation>A imagem entra como altura, largura, canais, como no TensorFlow</translation>
    </message>
    <message>
        <source>The picture goes in without a batch axis</source>
        <translation>A imagem entra sem eixo de lote</translation>
    </message>
    <message>
        <source>The picture has more than {most_pixels} million pixels</source>
        <translation>A imagem tem mais de {most_pixels} milhões de pixels</translation>
    </message>
    <message>
        <source>The picture is cut off</source>
        <translation>A imagem está cortada</translation>
    </message>
    <message>
        <source>The pictures of the video cannot be decoded</source>
        <translation>As imagens do vídeo não podem ser decodificadas</translation>
    </message>
    <message>
        <source>The precision {precision} is not to be had here: {reason}</source>
        <translation>A precisão numérica {precision} não está disponível aqui: {reason}</translation>
    </message>
    <message>
        <source>The process that built {kind} {what}</source>
        <translation>O processo que criava {kind} {what}</translation>
    </message>
    <message>
        <source>The proxy of this network does not let us through</source>
        <translation>O proxy desta rede não deixa a conexão passar</translation>
    </message>
    <message>
        <source>The recording was not converted to {suffix} but is kept: {what}</source>
        <translation>A gravação não foi convertida para {suffix}, mas foi mantida: {what}</translation>
    </message>
    <message>
        <source>The results could not be taken</source>
        <translation>Os resultados não puderam ser recebidos</translation>
    </message>
    <message>
        <source>The results could not be written</source>
        <translation>Os resultados não puderam ser gravados</translation>
    </message>
    <message>
        <source>The runtime of this backend cannot be loaded</source>
        <translation>O motor de inferência deste backend não pode ser carregado</translation>
    </message>
    <message>
        <source>The screen gives no picture</source>
        <translation>A tela não dá imagens</translation>
    </message>
    <message>
        <source>The server does not answer</source>
        <translation>O servidor não responde</translation>
    </message>
    <message>
        <source>The server does not have this file</source>
        <translation>O servidor não tem este arquivo</translation>
    </message>
    <message>
        <source>The server has trouble ({status})</source>
        <translation>O servidor está com problemas ({status})</translation>
    </message>
    <message>
        <source>The server no longer has the part that is missing</source>
        <translation>O servidor não tem mais a parte que falta</translation>
    </message>
    <message>
        <source>The server offers another file than the one in the catalogue ({found})</source>
        <translation>O servidor oferece um arquivo diferente do que está no catálogo ({found})</translation>
    </message>
    <message>
        <source>The server refuses to give this file</source>
        <translation>O servidor se recusa a dar este arquivo</translation>
    </message>
    <message>
        <source>The server sends us round in circles</source>
        <translation>O servidor redireciona em círculos</translation>
    </message>
    <message>
        <source>The server sent another part than the one that was missing</source>
        <translation>O servidor enviou uma parte diferente da que faltava</translation>
    </message>
    <message>
        <source>The server stopped sending</source>
        <translation>O servidor parou de enviar</translation>
    </message>
    <message>
        <source>The server&apos;s certificate cannot be trusted</source>
        <translation>O certificado do servidor não é confiável</translation>
    </message>
    <message>
        <source>The server&apos;s name cannot be found: there may be no network</source>
        <translation>O nome do servidor não foi encontrado: talvez não haja rede</translation>
    </message>
    <message>
        <source>The source failed</source>
        <translation>A fonte falhou</translation>
    </message>
    <message>
        <source>The stored correction of this model cannot be read</source>
        <translation>A correção salva deste modelo não pode ser lida</translation>
    </message>
    <message>
        <source>The task failed unexpectedly</source>
        <translation>A tarefa falhou de forma inesperada</translation>
    </message>
    <message>
        <source>The task is not done yet</source>
        <translation>A tarefa ainda não terminou</translation>
    </message>
    <message>
        <source>The variant would not be taken for what the original is: its {different} differ</source>
        <translation>A variante não seria tomada pelo que o original é: difere em {different}</translation>
    </message>
    <message>
        <source>The variant would replace the model</source>
        <translation>A variante substituiria o modelo</translation>
    </message>
    <message>
        <source>The video could not be written to its end: the disk is full or the file too large</source>
        <translation>O vídeo não pôde ser gravado até o fim: o disco está cheio ou o arquivo é grande demais</translation>
    </message>
    <message>
        <source>The video encoder does not start for {size}x{size2} at {rate_hz} pictures/s</source>
        <translation>O codificador de vídeo não inicia para {size}x{size2} a {rate_hz} imagens/s</translation>
    </message>
    <message>
        <source>The video is cut off: the index at its end is missing</source>
        <translation>O vídeo está cortado: falta o índice no fim</translation>
    </message>
    <message>
        <source>The weights of the OpenVINO model are cut short</source>
        <translation>Os pesos do modelo OpenVINO estão incompletos</translation>
    </message>
    <message>
        <source>The {source} names {names} classes, but the outputs have {count}</source>
        <translation>Segundo {source}, há {names} classes, mas as saídas têm {count}</translation>
    </message>
    <message>
        <source>Their lengths are those of strides {str} on {size}x{size2}</source>
        <translation>Seus comprimentos são os dos passos (strides) {str} em {size}x{size2}</translation>
    </message>
    <message>
        <source>There are 80 classes, as in COCO</source>
        <translation>Há 80 classes, como no COCO</translation>
    </message>
    <message>
        <source>There are boxes, whole-number labels and scores</source>
        <translation>Há caixas, rótulos inteiros e pontuações</translation>
    </message>
    <message>
        <source>There are labels, boxes and scores for a fixed number of queries</source>
        <translation>Há rótulos, caixas e pontuações para um número fixo de consultas</translation>
    </message>
    <message>
        <source>There are no class names inside</source>
        <translation>Não contém nomes de classes</translation>
    </message>
    <message>
        <source>There are no stored weights of convolutions or matrix products to prune</source>
        <translation>Não há pesos armazenados de convoluções ou produtos de matrizes para podar</translation>
    </message>
    <message>
        <source>There are too few frames to hold some out: agreement is measured on canvases themselves</source>
        <translation>Há quadros de menos para reservar alguns: a concordância é medida nas próprias telas de calibração</translation>
    </message>
    <message>
        <source>There are {boxes} queries with a box and {logits} logits each</source>
        <translation>Há {boxes} consultas com uma caixa e {logits} logits cada</translation>
    </message>
    <message>
        <source>There is a file where the folder should be</source>
        <translation>Há um arquivo onde deveria estar a pasta</translation>
    </message>
    <message>
        <source>There is no display whose picture can be taken</source>
        <translation>Não há nenhuma tela cuja imagem possa ser capturada</translation>
    </message>
    <message>
        <source>There is no family {family}</source>
        <translation>Não existe a família {family}</translation>
    </message>
    <message>
        <source>There is no setting {key}</source>
        <translation>Não existe o ajuste {key}</translation>
    </message>
    <message>
        <source>There is no such backend</source>
        <translation>Não existe esse backend</translation>
    </message>
    <message>
        <source>There is no such camera</source>
        <translation>Não existe essa câmera</translation>
    </message>
    <message>
        <source>There is no such file</source>
        <translation>Não existe esse arquivo</translation>
    </message>
    <message>
        <source>There is no such screen</source>
        <translation>Não existe essa tela</translation>
    </message>
    <message>
        <source>There is no such variant</source>
        <translation>Não existe essa variante</translation>
    </message>
    <message>
        <source>There is not enough memory</source>
        <translation>Não há memória suficiente</translation>
    </message>
    <message>
        <source>There is too little memory beside the others.</source>
        <translation>Há memória de menos junto com os outros.</translation>
    </message>
    <message>
        <source>There is too little space on the disk</source>
        <translation>Há espaço de menos no disco</translation>
    </message>
    <message>
        <source>They are made by EfficientNMS</source>
        <translation>São feitas pelo EfficientNMS</translation>
    </message>
    <message>
        <source>They have no batch axis, as torchvision&apos;s detectors give them</source>
        <translation>Não têm eixo de lote, como os detectores do torchvision os dão</translation>
    </message>
    <message>
        <source>This OpenCV cannot use {device} on this computer</source>
        <translation>Este OpenCV não pode usar {device} neste computador</translation>
    </message>
    <message>
        <source>This file was not downloaded by the program</source>
        <translation>Este arquivo não foi baixado pelo programa</translation>
    </message>
    <message>
        <source>This is RT-DETR with boxes and scores in one table, which is not read</source>
        <translation>É RT-DETR com caixas e pontuações em uma só tabela, que não é lida</translation>
    </message>
    <message>
        <source>This is a YOLOv5 segmentation model, whose masks are not read</source>
        <translation>É um modelo de segmentação YOLOv5, cujas máscaras não são lidas</translation>
    </message>
    <message>
        <source>This is a folder</source>
        <translation>É uma pasta</translation>
    </message>
    <message>
        <source>This is a language model: it takes text</source>
        <translation>É um modelo de linguagem: recebe texto</translation>
    </message>
    <message>
        <source>This is an audio model: it takes sound</source>
        <translation>É um modelo de áudio: recebe som</translation>
    </message>
    <message>
        <source>This is neither a file nor an address</source>
        <translation>Não é nem um arquivo nem um endereço</translation>
    </message>
    <message>
        <source>This is no setting</source>
        <translation>Não é um ajuste</translation>
    </message>
    <message>
        <source>This is not a COCO annotation file</source>
        <translation>Não é um arquivo de anotações COCO</translation>
    </message>
    <message>
        <source>This is not a plain file</source>
        <translation>Não é um arquivo comum</translation>
    </message>
    <message>
        <source>This is not a source</source>
        <translation>Não é uma fonte</translation>
    </message>
    <message>
        <source>This is not an address of a stream</source>
        <translation>Não é o endereço de um fluxo</translation>
    </message>
    <message>
        <source>This is {kind}, not a model that can be run</source>
        <translation>É {kind}, não um modelo que possa ser executado</translation>
    </message>
    <message>
        <source>This looks like a detector with landmarks other than YuNet of 2023 (RetinaFace, SCRFD, older YuNet)</source>
        <translation>Parece um detector com pontos faciais diferente do YuNet de 2023 (RetinaFace, SCRFD, YuNet mais antigo)</translation>
    </message>
    <message>
        <source>This model</source>
        <translation>Este modelo</translation>
    </message>
    <message>
        <source>Try again later</source>
        <translation>Tente de novo mais tarde</translation>
    </message>
    <message>
        <source>Try again; if it happens again, the file was changed at its source</source>
        <translation>Tente de novo; se acontecer outra vez, o arquivo mudou na origem</translation>
    </message>
    <message>
        <source>Trying coarse choices</source>
        <translation>Teste de opções amplas</translation>
    </message>
    <message>
        <source>Trying lanes and threads</source>
        <translation>Teste de vias e threads</translation>
    </message>
    <message>
        <source>Trying symmetric activations</source>
        <translation>Teste de ativações simétricas</translation>
    </message>
    <message>
        <source>Trying the new model in a process of its own</source>
        <translation>Teste do modelo em outro processo</translation>
    </message>
    <message>
        <source>Trying the widest ranges</source>
        <translation>Teste das faixas mais amplas</translation>
    </message>
    <message>
        <source>Trying what is here</source>
        <translation>Teste do que há aqui</translation>
    </message>
    <message>
        <source>Under Wayland windows of other programs may stay black</source>
        <translation>No Wayland, janelas de outros programas podem ficar pretas</translation>
    </message>
    <message>
        <source>Unexpected {name}: {error}.</source>
        <translation>{name} inesperado: {error}.</translation>
    </message>
    <message>
        <source>Unpack it and choose the model inside</source>
        <translation>Descompacte-o e escolha o modelo dentro dele</translation>
    </message>
    <message>
        <source>Use a batch of 1</source>
        <translation>Use um lote de 1</translation>
    </message>
    <message>
        <source>Use face_detection_yunet_2023mar or later for faces</source>
        <translation>Use face_detection_yunet_2023mar ou posterior para rostos</translation>
    </message>
    <message>
        <source>Waiting for an earlier compilation to end</source>
        <translation>Espera por uma compilação anterior</translation>
    </message>
    <message>
        <source>Waiting for the connection of before to close</source>
        <translation>À espera de que a conexão anterior se feche</translation>
    </message>
    <message>
        <source>Warming up</source>
        <translation>Aquecimento</translation>
    </message>
    <message>
        <source>Weights in 7 bits: this processor cuts off sums of 8-bit products</source>
        <translation>Pesos de 7 bits: este processador corta as somas de produtos de 8 bits</translation>
    </message>
    <message>
        <source>Weights in half precision</source>
        <translation>Pesos em meia precisão</translation>
    </message>
    <message>
        <source>Were pixels normalised as for ImageNet (taken), or to -1 to 1?</source>
        <translation>Os pixels foram normalizados como para ImageNet (o suposto) ou para -1 a 1?</translation>
    </message>
    <message>
        <source>What are the classes called? Their number does not show in the graph</source>
        <translation>Como se chamam as classes? O número delas não aparece no grafo</translation>
    </message>
    <message>
        <source>What is known of the original beside its file is remembered on this computer for the variant</source>
        <translation>O que se sabe do original além do arquivo é lembrado neste computador para a variante</translation>
    </message>
    <message>
        <source>Where it lies is not remembered: {file}</source>
        <translation>O local não é lembrado: {file}</translation>
    </message>
    <message>
        <source>Which range do pixels have, -1 to 1 (taken) or another?</source>
        <translation>Que intervalo têm os pixels, -1 a 1 (o suposto) ou outro?</translation>
    </message>
    <message>
        <source>Write special characters percent-encoded: @ as %40, : as %3A, / as %2F, # as %23, ? as %3F</source>
        <translation>Escreva os caracteres especiais codificados com porcentagem: @ como %40, : como %3A, / como %2F, # como %23, ? como %3F</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Gravação</translation>
    </message>
    <message>
        <source>Writing the archive</source>
        <translation>Gravação do arquivo compactado</translation>
    </message>
    <message>
        <source>YOLO with NMS in the graph</source>
        <translation>YOLO com NMS no grafo</translation>
    </message>
    <message>
        <source>YOLO, end to end</source>
        <translation>YOLO, de ponta a ponta</translation>
    </message>
    <message>
        <source>YOLOv5 or YOLOv7</source>
        <translation>YOLOv5 ou YOLOv7</translation>
    </message>
    <message>
        <source>YOLOv8 or later</source>
        <translation>YOLOv8 ou posterior</translation>
    </message>
    <message>
        <source>a GGUF file</source>
        <translation>um arquivo GGUF</translation>
    </message>
    <message>
        <source>a Git LFS pointer</source>
        <translation>um ponteiro do Git LFS</translation>
    </message>
    <message>
        <source>a Keras file</source>
        <translation>um arquivo do Keras</translation>
    </message>
    <message>
        <source>a Python pickle</source>
        <translation>um pickle do Python</translation>
    </message>
    <message>
        <source>a TensorFlow Lite file</source>
        <translation>um arquivo do TensorFlow Lite</translation>
    </message>
    <message>
        <source>a TensorRT engine</source>
        <translation>um motor TensorRT</translation>
    </message>
    <message>
        <source>a camera that is plugged in</source>
        <translation>uma câmera conectada</translation>
    </message>
    <message>
        <source>a desktop session that programs may take pictures of</source>
        <translation>uma sessão de área de trabalho que programas possam capturar</translation>
    </message>
    <message>
        <source>a detector, segmenter, pose model or classifier of a known layout</source>
        <translation>um modelo de detecção, segmentação, pose ou classificação de arranjo conhecido</translation>
    </message>
    <message>
        <source>a file name inside the model&apos;s folder</source>
        <translation>um nome de arquivo dentro da pasta do modelo</translation>
    </message>
    <message>
        <source>a file that you may read</source>
        <translation>um arquivo que você possa ler</translation>
    </message>
    <message>
        <source>a file, a folder of pictures, camera:0, camera:NAME, rtsp://.., http://.., screen:0 or demo</source>
        <translation>um arquivo, uma pasta de imagens, camera:0, camera:NOME, rtsp://.., http://.., screen:0 ou demo</translation>
    </message>
    <message>
        <source>a float model</source>
        <translation>um modelo em ponto flutuante</translation>
    </message>
    <message>
        <source>a model in ONNX Runtime&apos;s own format</source>
        <translation>um modelo no formato próprio do ONNX Runtime</translation>
    </message>
    <message>
        <source>a model with a picture input of 1 or 3 channels, such as 1x3x640x640</source>
        <translation>um modelo com uma imagem de 1 ou 3 canais como entrada, como 1x3x640x640</translation>
    </message>
    <message>
        <source>a name in UTF-8</source>
        <translation>um nome em UTF-8</translation>
    </message>
    <message>
        <source>a picture (jpg, png, webp, bmp, tif, ppm, jp2 or avif)</source>
        <translation>uma imagem (jpg, png, webp, bmp, tif, ppm, jp2 ou avif)</translation>
    </message>
    <message>
        <source>a picture alone, or with sizes or thresholds</source>
        <translation>uma imagem sozinha, ou com tamanhos ou limiares</translation>
    </message>
    <message>
        <source>a picture could not be decoded</source>
        <translation>uma imagem não pôde ser decodificada</translation>
    </message>
    <message>
        <source>a picture, and inputs with known values</source>
        <translation>uma imagem e entradas com valores conhecidos</translation>
    </message>
    <message>
        <source>a video file (mp4, mov, mkv, webm, avi, ts ..)</source>
        <translation>um arquivo de vídeo (mp4, mov, mkv, webm, avi, ts ..)</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>uma página da web</translation>
    </message>
    <message>
        <source>a whole .onnx file</source>
        <translation>um arquivo .onnx inteiro</translation>
    </message>
    <message>
        <source>a whole file</source>
        <translation>um arquivo inteiro</translation>
    </message>
    <message>
        <source>a zip archive or a PyTorch file</source>
        <translation>um arquivo zip ou do PyTorch</translation>
    </message>
    <message>
        <source>an .onnx file</source>
        <translation>um arquivo .onnx</translation>
    </message>
    <message>
        <source>an .onnx file, or the .xml of an OpenVINO IR</source>
        <translation>um arquivo .onnx, ou o .xml de um OpenVINO IR</translation>
    </message>
    <message>
        <source>an .xml written by OpenVINO</source>
        <translation>um .xml escrito pelo OpenVINO</translation>
    </message>
    <message>
        <source>an FP32 model</source>
        <translation>um modelo FP32</translation>
    </message>
    <message>
        <source>an array ({lengths})</source>
        <translation>uma matriz ({lengths})</translation>
    </message>
    <message>
        <source>an input such as 1x3x640x640</source>
        <translation>uma entrada como 1x3x640x640</translation>
    </message>
    <message>
        <source>an unknown error</source>
        <translation>um erro desconhecido</translation>
    </message>
    <message>
        <source>an unknown precision</source>
        <translation>uma precisão numérica desconhecida</translation>
    </message>
    <message>
        <source>are left out</source>
        <translation>são omitidas</translation>
    </message>
    <message>
        <source>at least {free_bytes} MB</source>
        <translation>pelo menos {free_bytes} MB</translation>
    </message>
    <message>
        <source>at most 1 GiB</source>
        <translation>no máximo 1 GiB</translation>
    </message>
    <message>
        <source>at most {largest_side}x{largest_side2} pixels and {largest_batch} pictures at once</source>
        <translation>no máximo {largest_side}x{largest_side2} pixels e {largest_batch} imagens de cada vez</translation>
    </message>
    <message>
        <source>cannot be opened again</source>
        <translation>não pode ser aberta de novo</translation>
    </message>
    <message>
        <source>class names</source>
        <translation>nomes das classes</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>colunas</translation>
    </message>
    <message>
        <source>connection refused</source>
        <translation>conexão recusada</translation>
    </message>
    <message>
        <source>correction</source>
        <translation>correção</translation>
    </message>
    <message>
        <source>crashed the runtime ({end_s})</source>
        <translation>derrubou o motor de inferência ({end_s})</translation>
    </message>
    <message>
        <source>decoder&apos;s options</source>
        <translation>opções do decodificador</translation>
    </message>
    <message>
        <source>did not finish within {seconds} s</source>
        <translation>não terminou em {seconds} s</translation>
    </message>
    <message>
        <source>files such as .jpg or .png directly in it</source>
        <translation>arquivos como .jpg ou .png diretamente nela</translation>
    </message>
    <message>
        <source>float32, float16 or uint8</source>
        <translation>float32, float16 ou uint8</translation>
    </message>
    <message>
        <source>format version {ir_version} or older</source>
        <translation>versão de formato {ir_version} ou anterior</translation>
    </message>
    <message>
        <source>four axes: batch, channels, height, width</source>
        <translation>quatro eixos: lote, canais, altura, largura</translation>
    </message>
    <message>
        <source>frames to calibrate with</source>
        <translation>quadros para calibrar</translation>
    </message>
    <message>
        <source>gives no picture</source>
        <translation>não dá imagens</translation>
    </message>
    <message>
        <source>invalid dimensions for input</source>
        <translation>dimensões de entrada inválidas</translation>
    </message>
    <message>
        <source>is not plugged in</source>
        <translation>não está conectada</translation>
    </message>
    <message>
        <source>is usual for {candidate}</source>
        <translation>é o habitual para {candidate}</translation>
    </message>
    <message>
        <source>it answers after {latency_p50_ms} ms, {way} times as quickly as</source>
        <translation>responde após {latency_p50_ms} ms, {way} vezes a rapidez, em comparação com</translation>
    </message>
    <message>
        <source>it takes no node of a network</source>
        <translation>não recebe nenhum nó de uma rede</translation>
    </message>
    <message>
        <source>it was played to its end</source>
        <translation>foi reproduzido até o fim</translation>
    </message>
    <message>
        <source>its agreement of {agreement} is below the limit of {limit}</source>
        <translation>sua concordância de {agreement} está abaixo do limite de {limit}</translation>
    </message>
    <message>
        <source>its codec is not named</source>
        <translation>o codec não é informado</translation>
    </message>
    <message>
        <source>its mAP is {accuracy} instead of {map}</source>
        <translation>seu mAP é {accuracy} em vez de {map}</translation>
    </message>
    <message>
        <source>its metadata says</source>
        <translation>assim dizem os metadados</translation>
    </message>
    <message>
        <source>its nodes form a circle</source>
        <translation>seus nós formam um círculo</translation>
    </message>
    <message>
        <source>its pictures came {lag_s} s late</source>
        <translation>suas imagens chegaram com {lag_s} s de atraso</translation>
    </message>
    <message>
        <source>key points</source>
        <translation>pontos-chave</translation>
    </message>
    <message>
        <source>key=value, such as family=yolox</source>
        <translation>chave=valor, como family=yolox</translation>
    </message>
    <message>
        <source>known set {known}</source>
        <translation>conjunto conhecido {known}</translation>
    </message>
    <message>
        <source>less than 2 GB</source>
        <translation>menos de 2 GB</translation>
    </message>
    <message>
        <source>mean 0 and scale 1</source>
        <translation>média 0 e escala 1</translation>
    </message>
    <message>
        <source>metadata</source>
        <translation>metadados</translation>
    </message>
    <message>
        <source>model name</source>
        <translation>nome do modelo</translation>
    </message>
    <message>
        <source>more than {largest_xml} bytes</source>
        <translation>mais de {largest_xml} bytes</translation>
    </message>
    <message>
        <source>names of inputs and outputs</source>
        <translation>nomes de entradas e saídas</translation>
    </message>
    <message>
        <source>names that are no text</source>
        <translation>nomes que não são texto</translation>
    </message>
    <message>
        <source>no connection ({name})</source>
        <translation>sem conexão ({name})</translation>
    </message>
    <message>
        <source>no encrypted connection can be made</source>
        <translation>não é possível fazer uma conexão criptografada</translation>
    </message>
    <message>
        <source>no graph inside</source>
        <translation>nenhum grafo dentro</translation>
    </message>
    <message>
        <source>no picture could be decoded from it</source>
        <translation>nenhuma de suas imagens pôde ser decodificada</translation>
    </message>
    <message>
        <source>no picture could be decoded from it ({names})</source>
        <translation>nenhuma de suas imagens pôde ser decodificada ({names})</translation>
    </message>
    <message>
        <source>no picture for {read_limit_s} s</source>
        <translation>sem imagem há {read_limit_s} s</translation>
    </message>
    <message>
        <source>no picture within {limit_s} s</source>
        <translation>nenhuma imagem em {limit_s} s</translation>
    </message>
    <message>
        <source>one class: face</source>
        <translation>uma classe: rosto</translation>
    </message>
    <message>
        <source>one class: person</source>
        <translation>uma classe: pessoa</translation>
    </message>
    <message>
        <source>one name a line, or a JSON or YAML file with names</source>
        <translation>um nome por linha, ou um arquivo JSON ou YAML com nomes</translation>
    </message>
    <message>
        <source>one of {backends}</source>
        <translation>um de {backends}</translation>
    </message>
    <message>
        <source>opset {newest} or older</source>
        <translation>opset {newest} ou anterior</translation>
    </message>
    <message>
        <source>preprocessor_config.json beside the file says how pictures are prepared</source>
        <translation>preprocessor_config.json, ao lado do arquivo, diz como as imagens são preparadas</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>linhas</translation>
    </message>
    <message>
        <source>scores and places of what it finds have moved too far</source>
        <translation>as pontuações e posições das detecções mudaram demais</translation>
    </message>
    <message>
        <source>side file {own}</source>
        <translation>arquivo ao lado {own}</translation>
    </message>
    <message>
        <source>status {status}</source>
        <translation>status {status}</translation>
    </message>
    <message>
        <source>the best of {found}, chosen by OpenVINO</source>
        <translation>o melhor de {found}, escolhido pelo OpenVINO</translation>
    </message>
    <message>
        <source>the device&apos;s own precision</source>
        <translation>a precisão numérica própria do dispositivo</translation>
    </message>
    <message>
        <source>the host cannot be reached</source>
        <translation>o host não pode ser alcançado</translation>
    </message>
    <message>
        <source>the model holds no integer layers</source>
        <translation>o modelo não contém camadas inteiras</translation>
    </message>
    <message>
        <source>the name of a file</source>
        <translation>o nome de um arquivo</translation>
    </message>
    <message>
        <source>the original</source>
        <translation>o original</translation>
    </message>
    <message>
        <source>the original finds nothing on these frames, so they prove nothing</source>
        <translation>o original não detecta nada nestes quadros, então eles não provam nada</translation>
    </message>
    <message>
        <source>the server answered with status {status}</source>
        <translation>o servidor respondeu com o status {status}</translation>
    </message>
    <message>
        <source>the server asks for a way to log in that is not known</source>
        <translation>o servidor pede uma forma de login que não é conhecida</translation>
    </message>
    <message>
        <source>the server asks for user and password</source>
        <translation>o servidor pede usuário e senha</translation>
    </message>
    <message>
        <source>the server broke the connection</source>
        <translation>o servidor interrompeu a conexão</translation>
    </message>
    <message>
        <source>the server does not answer</source>
        <translation>o servidor não responde</translation>
    </message>
    <message>
        <source>the server ended the stream</source>
        <translation>o servidor encerrou o fluxo</translation>
    </message>
    <message>
        <source>the server gave up waiting</source>
        <translation>o servidor desistiu de esperar</translation>
    </message>
    <message>
        <source>the server has no stream of this name</source>
        <translation>o servidor não tem nenhum fluxo com este nome</translation>
    </message>
    <message>
        <source>the server waits for the camera</source>
        <translation>o servidor espera a câmera</translation>
    </message>
    <message>
        <source>the stream has no video</source>
        <translation>o fluxo não tem vídeo</translation>
    </message>
    <message>
        <source>the stream is gone from the server</source>
        <translation>o fluxo não está mais no servidor</translation>
    </message>
    <message>
        <source>there is no host of this name</source>
        <translation>não existe nenhum host com este nome</translation>
    </message>
    <message>
        <source>this cannot be the name of a host</source>
        <translation>isto não pode ser o nome de um host</translation>
    </message>
    <message>
        <source>this is a page of text, not a video</source>
        <translation>é uma página de texto, não um vídeo</translation>
    </message>
    <message>
        <source>this user may not see the stream</source>
        <translation>este usuário não pode ver o fluxo</translation>
    </message>
    <message>
        <source>took more than {memory_bytes} GiB of memory</source>
        <translation>usou mais de {memory_bytes} GiB de memória</translation>
    </message>
    <message>
        <source>torchvision detector</source>
        <translation>detector do torchvision</translation>
    </message>
    <message>
        <source>user or password is wrong</source>
        <translation>o usuário ou a senha está errado</translation>
    </message>
    <message>
        <source>version {oldest_version} or {newest_version}</source>
        <translation>versão {oldest_version} ou {newest_version}</translation>
    </message>
    <message>
        <source>was unplugged</source>
        <translation>foi desconectada</translation>
    </message>
    <message>
        <source>what answers there does not speak {protocol}</source>
        <translation>o que responde lá não fala {protocol}</translation>
    </message>
    <message>
        <source>{after} operations instead of {before}</source>
        <translation>{after} operações em vez de {before}</translation>
    </message>
    <message>
        <source>{candidates} {axis} = {sum_text}: strides {strides_text}</source>
        <translation>{candidates} {axis} = {sum_text}: passos (strides) {strides_text}</translation>
    </message>
    <message>
        <source>{channels} classes are usual for segmentation (Cityscapes, Pascal VOC, ADE20K)</source>
        <translation>{channels} classes são habituais em segmentação (Cityscapes, Pascal VOC, ADE20K)</translation>
    </message>
    <message>
        <source>{classes} classes are those of ImageNet</source>
        <translation>{classes} classes são as do ImageNet</translation>
    </message>
    <message>
        <source>{columns} columns are 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>{columns} colunas são 4 lados de uma caixa vezes {bins} níveis de uma distribuição de distâncias</translation>
    </message>
    <message>
        <source>{count} of {paths} pictures cannot be read and are left out: {names}</source>
        <translation>{count} de {paths} imagens não podem ser lidas e são omitidas: {names}</translation>
    </message>
    <message>
        <source>{cure}, or choose another backend</source>
        <translation>{cure}, ou escolha outro backend</translation>
    </message>
    <message>
        <source>{cure}; or allow a fall-back (--allow-fallback), here to {got}</source>
        <translation>{cure}; ou permita uma alternativa (--allow-fallback), aqui {got}</translation>
    </message>
    <message>
        <source>{device} computes in {shares} when asked for {precision}</source>
        <translation>{device} calcula em {shares} quando se pede {precision}</translation>
    </message>
    <message>
        <source>{device} does not know {precision}</source>
        <translation>{device} não conhece {precision}</translation>
    </message>
    <message>
        <source>{elsewhere} of {placement} nodes run on the CPU: {place} lacks them</source>
        <translation>{elsewhere} de {placement} nós são executados na CPU: {place} não os tem</translation>
    </message>
    <message>
        <source>{end} bytes or more, it has {sizes}</source>
        <translation>{end} bytes ou mais; tem {sizes}</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast</source>
        <translation>{entry} executa a {way} vezes a velocidade</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast, but {report}.</source>
        <translation>{entry} executa a {way} vezes a velocidade, mas {report}.</translation>
    </message>
    <message>
        <source>{geometries}, one for each picture of the batch</source>
        <translation>{geometries}, uma para cada imagem do lote</translation>
    </message>
    <message>
        <source>{given} of {linear} convolutions and matrix products in INT8 ({share} of multiply-adds)</source>
        <translation>{given} de {linear} convoluções e produtos de matrizes em INT8 ({share} das multiplicações e somas)</translation>
    </message>
    <message>
        <source>{half_nodes} of {count} operations in half precision</source>
        <translation>{half_nodes} de {count} operações em meia precisão</translation>
    </message>
    <message>
        <source>{key}={value} cannot be used</source>
        <translation>{key}={value} não pode ser usado</translation>
    </message>
    <message>
        <source>{kind} cannot be built without frames</source>
        <translation>{kind} não pode ser criada sem quadros</translation>
    </message>
    <message>
        <source>{location} in the same folder</source>
        <translation>{location} na mesma pasta</translation>
    </message>
    <message>
        <source>{logits} logits are the classes of COCO</source>
        <translation>{logits} logits são as classes do COCO</translation>
    </message>
    <message>
        <source>{missing} MB free, and {free} MB are</source>
        <translation>{missing} MB livres, e há {free} MB</translation>
    </message>
    <message>
        <source>{missing} of {image_ids} annotated pictures are missing, the first is {missing2}</source>
        <translation>Faltam {missing} de {image_ids} imagens anotadas; a primeira é {missing2}</translation>
    </message>
    <message>
        <source>{most_nodes} nodes at most</source>
        <translation>no máximo {most_nodes} nós</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, cannot be loaded</source>
        <translation>{name}, que cria esta variante, não pode ser carregado</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, is not installed</source>
        <translation>{name}, que cria esta variante, não está instalado</translation>
    </message>
    <message>
        <source>{output} before {fused}</source>
        <translation>{output} antes de {fused}</translation>
    </message>
    <message>
        <source>{output} rows = {sum_text}: strides {strides_text}</source>
        <translation>{output} linhas = {sum_text}: passos (strides) {strides_text}</translation>
    </message>
    <message>
        <source>{phase}, best so far {speed_up} times as fast</source>
        <translation>{phase}, o melhor até agora a {speed_up} vezes a velocidade</translation>
    </message>
    <message>
        <source>{place} computes this model in {got} when asked for {wanted}</source>
        <translation>{place} calcula este modelo em {got} quando se pede {wanted}</translation>
    </message>
    <message>
        <source>{place} refuses it</source>
        <translation>{place} o recusa</translation>
    </message>
    <message>
        <source>{place} took no part of the model</source>
        <translation>{place} não assumiu nenhuma parte do modelo</translation>
    </message>
    <message>
        <source>{plain} or pruned-1 to pruned-99</source>
        <translation>{plain} ou pruned-1 a pruned-99</translation>
    </message>
    <message>
        <source>{re_export} with an older onnx package, or update Inferoscope</source>
        <translation>{re_export} com um pacote onnx mais antigo, ou atualize o Inferoscope</translation>
    </message>
    <message>
        <source>{re_export} with opset 17 to {newest}, or update Inferoscope</source>
        <translation>{re_export} com opset 17 a {newest}, ou atualize o Inferoscope</translation>
    </message>
    <message>
        <source>{re_export}, or copy or download it again</source>
        <translation>{re_export}, ou copie-o ou baixe-o de novo</translation>
    </message>
    <message>
        <source>{reason}. Trying again in {left_s} s</source>
        <translation>{reason}. Nova tentativa em {left_s} s</translation>
    </message>
    <message>
        <source>{rows}, one anchor a cell</source>
        <translation>{rows}, uma âncora por célula</translation>
    </message>
    <message>
        <source>{rows}, three anchors a cell, as in YOLOv5 and YOLOv7</source>
        <translation>{rows}, três âncoras por célula, como no YOLOv5 e no YOLOv7</translation>
    </message>
    <message>
        <source>{runtime} lists it, but it runs nothing: {answers}</source>
        <translation>{runtime} o lista, mas ele não executa nada: {answers}</translation>
    </message>
    <message>
        <source>{source_id} has ended</source>
        <translation>{source_id} terminou</translation>
    </message>
    <message>
        <source>{source_id} is live</source>
        <translation>{source_id} está ao vivo</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, next try in {delay_s} s</source>
        <translation>{source_id} está sem conexão: {why}, próxima tentativa em {delay_s} s</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, try {attempt} is running</source>
        <translation>{source_id} está sem conexão: {why}, tentativa {attempt} em curso</translation>
    </message>
    <message>
        <source>{source_id} is stopped</source>
        <translation>{source_id} está parada</translation>
    </message>
    <message>
        <source>{source_id} {what}; next try in {delay_s} s</source>
        <translation>{source_id} {what}; próxima tentativa em {delay_s} s</translation>
    </message>
    <message>
        <source>{speed_up} times as fast on one thread and agrees to {agreement}</source>
        <translation>a {speed_up} vezes a velocidade em uma thread e concorda em {agreement}</translation>
    </message>
    <message>
        <source>{verdict}; the original in {name} runs {speed_up} times as fast on one thread as in FP32</source>
        <translation>{verdict}; o original em {name} executa em uma thread a {speed_up} vezes a velocidade de FP32</translation>
    </message>
    <message>
        <source>{title} cannot run this model</source>
        <translation>{title} não pode executar este modelo</translation>
    </message>
    <message>
        <source>Other work took {disturbance} of the processor meanwhile, so speeds are rough: measure again when the computer is quiet.</source>
        <translation>Outros trabalhos usaram {disturbance} do processador nesse tempo, então as velocidades são aproximadas: meça de novo quando o computador estiver ocioso.</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {map_lost} lower</source>
        <translation>{told}; sua precisão média (mAP) é {map_lost} menor</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {value} higher</source>
        <translation>{told}; sua precisão média (mAP) é {value} maior</translation>
    </message>
    <message>
        <source>{unread} labelled pictures gave no result, the first is {unread2}</source>
        <translation>{unread} imagens rotuladas não deram resultado; a primeira é {unread2}</translation>
    </message>
    <message>
        <source>{verdict}; keep the original</source>
        <translation>{verdict}; mantenha o original</translation>
    </message>
    <message>
        <source>{way} the original on {badge}</source>
        <translation>{way} a versão original em {badge}</translation>
    </message>
    <message>
        <source>{way} times as many frames a second as</source>
        <translation>{way} vezes os quadros por segundo, em comparação com</translation>
    </message>
    <message>
        <source>{what} is missing from this installation</source>
        <translation>Falta nesta instalação: {what}</translation>
    </message>
    <message>
        <source>{what}, but nobody has looked at what it loses: name a source.</source>
        <translation>{what}, mas ninguém viu o que se perde: informe uma fonte.</translation>
    </message>
    <message>
        <source>{what}; next try in {delay_s} s</source>
        <translation>{what}; próxima tentativa em {delay_s} s</translation>
    </message>
    <message>
        <source>{zeroed} of {count} weights zeroed</source>
        <translation>{zeroed} de {count} pesos zerados</translation>
    </message>
    <message>
        <source>{sentence}.</source>
        <translation>{sentence}.</translation>
    </message>
    <message>
        <source>{what}; expected {expected}</source>
        <translation>{what}; era esperado {expected}</translation>
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
        <translation>Sem modelo</translation>
    </message>
    <message>
        <source>Does not run</source>
        <translation>Não funciona</translation>
    </message>
    <message>
        <source>Not running yet</source>
        <translation>Ainda sem executar</translation>
    </message>
    <message>
        <source>{phase} · {elapsed} s</source>
        <translation>{phase} · {elapsed} s</translation>
    </message>
    <message>
        <source>What was asked for last does not run: {why}</source>
        <translation>O último pedido não funciona: {why}</translation>
    </message>
    <message>
        <source>{wanted} was asked for, {got} runs: {reason}. {cure}.</source>
        <translation>Foi pedido {wanted}, é executado {got}: {reason}. {cure}.</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Backend</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Executado em</translation>
    </message>
    <message>
        <source>not told</source>
        <translation>não informado</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>Solicitado</translation>
    </message>
    <message>
        <source>Computed in</source>
        <translation>Calculado em</translation>
    </message>
    <message>
        <source>Placed on</source>
        <translation>Alocado em</translation>
    </message>
    <message>
        <source>Tuned for</source>
        <translation>Ajustado para</translation>
    </message>
    <message>
        <source>In parallel</source>
        <translation>Em paralelo</translation>
    </message>
    <message>
        <source>Made ready in</source>
        <translation>Preparado em</translation>
    </message>
    <message>
        <source>any device</source>
        <translation>qualquer dispositivo</translation>
    </message>
    <message>
        <source>{device}, precision {precision}</source>
        <translation>{device}, precisão numérica {precision}</translation>
    </message>
    <message>
        <source>{place}: {count} operations</source>
        <translation>{place}: {count} operações</translation>
    </message>
    <message>
        <source>most frames per second</source>
        <translation>mais quadros por segundo</translation>
    </message>
    <message>
        <source>shortest delay</source>
        <translation>menor latência</translation>
    </message>
    <message>
        <source>{lanes} frames</source>
        <translation>{lanes} quadros</translation>
    </message>
    <message>
        <source>{lanes} frames, {threads} processor threads in all</source>
        <translation>{lanes} quadros, {threads} threads de processador no total</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>from the cache</source>
        <translation>do cache</translation>
    </message>
    <message>
        <source>compiled anew</source>
        <translation>compilado de novo</translation>
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
        <translation>YOLOv8, YOLO11: contornos</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: keypoints</source>
        <translation>YOLOv8, YOLO11: pontos-chave</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: boxes at any angle</source>
        <translation>YOLOv8, YOLO11: caixas em qualquer ângulo</translation>
    </message>
    <message>
        <source>YOLOv10, YOLO26</source>
        <translation>YOLOv10, YOLO26</translation>
    </message>
    <message>
        <source>YOLO26: outlines</source>
        <translation>YOLO26: contornos</translation>
    </message>
    <message>
        <source>YOLO26: keypoints</source>
        <translation>YOLO26: pontos-chave</translation>
    </message>
    <message>
        <source>YOLO26: boxes at any angle</source>
        <translation>YOLO26: caixas em qualquer ângulo</translation>
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
        <translation>SSD do TensorFlow</translation>
    </message>
    <message>
        <source>SSD of OpenVINO</source>
        <translation>SSD do OpenVINO</translation>
    </message>
    <message>
        <source>Detector of torchvision</source>
        <translation>Detector do torchvision</translation>
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
        <translation>YOLO com caixas já calculadas</translation>
    </message>
    <message>
        <source>YuNet: faces</source>
        <translation>YuNet: rostos</translation>
    </message>
    <message>
        <source>Classifier</source>
        <translation>Classificador</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>Segmentação semântica</translation>
    </message>
</context>
<context>
    <name>Grid</name>
    <message>
        <source>Pictures</source>
        <translation>Imagens</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>Nothing is running</source>
        <translation>Nada em execução</translation>
    </message>
    <message>
        <source>; {count} more with trouble</source>
        <translation>; {count} mais com problemas</translation>
    </message>
    <message>
        <source>{good} of {all} streams are live; {trouble}</source>
        <translation>{good} de {all} fluxos ao vivo; {trouble}</translation>
    </message>
    <message>
        <source>1 of {all} streams is live; {trouble}</source>
        <translation>1 de {all} fluxos ao vivo; {trouble}</translation>
    </message>
    <message>
        <source>{name} needs its password</source>
        <translation>{name} precisa da senha</translation>
    </message>
    <message>
        <source>{name} does not run: {what}</source>
        <translation>{name} não funciona: {what}</translation>
    </message>
    <message>
        <source>{name} has given no picture for {age} s</source>
        <translation>{name} não envia imagens há {age} s</translation>
    </message>
    <message>
        <source>no connection</source>
        <translation>sem conexão</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, trying again ({attempt})</source>
        <translation>{name} está sem conexão: {why}, nova tentativa ({attempt})</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, next try in {wait} s</source>
        <translation>{name} está sem conexão: {why}, próxima tentativa em {wait} s</translation>
    </message>
    <message>
        <source>The model {name} does not run as wanted: {what}</source>
        <translation>O modelo {name} não funciona como pedido: {what}</translation>
    </message>
    <message>
        <source>The model {name} is being loaded: {phase}</source>
        <translation>O modelo {name} está sendo carregado: {phase}</translation>
    </message>
    <message>
        <source>{live} of {all} streams are running</source>
        <translation>{live} de {all} fluxos em execução</translation>
    </message>
    <message>
        <source>1 of {all} streams is running</source>
        <translation>1 de {all} fluxos em execução</translation>
    </message>
    <message>
        <source>{count} connecting</source>
        <translation>{count} conectando</translation>
    </message>
    <message>
        <source>{count} paused</source>
        <translation>{count} em pausa</translation>
    </message>
    <message>
        <source>{count} at the end</source>
        <translation>{count} no fim</translation>
    </message>
    <message>
        <source>{name}: connecting</source>
        <translation>{name}: conectando</translation>
    </message>
    <message>
        <source>{name} has come to its end</source>
        <translation>{name} chegou ao fim</translation>
    </message>
    <message>
        <source>{name} is paused</source>
        <translation>{name} está em pausa</translation>
    </message>
    <message>
        <source>{name} is live</source>
        <translation>{name} está ao vivo</translation>
    </message>
    <message>
        <source>{name} is shown</source>
        <translation>{name} em exibição</translation>
    </message>
    <message>
        <source>{name} is playing</source>
        <translation>{name} em reprodução</translation>
    </message>
    <message>
        <source>Both streams are live</source>
        <translation>Os dois fluxos estão ao vivo</translation>
    </message>
    <message>
        <source>Both streams are running</source>
        <translation>Os dois fluxos estão em execução</translation>
    </message>
    <message>
        <source>All {count} streams are live</source>
        <translation>Os {count} fluxos estão ao vivo</translation>
    </message>
    <message>
        <source>All {count} streams are running</source>
        <translation>Os {count} fluxos estão em execução</translation>
    </message>
    <message>
        <source>State of the program</source>
        <translation>Estado do programa</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>Sem problemas</translation>
    </message>
    <message>
        <source>Problems: {count}</source>
        <translation>Problemas: {count}</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it</source>
        <translation>O que falhou e o que se pode fazer</translation>
    </message>
</context>
<context>
    <name>KeepAwake</name>
    <message>
        <source>This system does not let programs keep it awake</source>
        <translation>Este sistema não permite que programas o mantenham ativo</translation>
    </message>
</context>
<context>
    <name>Licences</name>
    <message>
        <source>Licences</source>
        <translation>Licenças</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fechar</translation>
    </message>
</context>
<context>
    <name>Loading</name>
    <message>
        <source>Looking for devices</source>
        <translation>Busca de dispositivos</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>Identificação do modelo</translation>
    </message>
</context>
<context>
    <name>Manual</name>
    <message>
        <source>Contents</source>
        <translation>Conteúdo</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Resultados</translation>
    </message>
    <message>
        <source>Nothing in the manual has these words.</source>
        <translation>Nada no manual contém essas palavras.</translation>
    </message>
    <message>
        <source>Manual of Inferoscope</source>
        <translation>Manual do Inferoscope</translation>
    </message>
    <message>
        <source>Chapter</source>
        <translation>Capítulo</translation>
    </message>
    <message>
        <source>Search the manual</source>
        <translation>Buscar no manual</translation>
    </message>
    <message>
        <source>Back to the place before</source>
        <translation>Voltar ao lugar anterior</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>Avançar de novo</translation>
    </message>
    <message>
        <source>First page of the manual</source>
        <translation>Primeira página do manual</translation>
    </message>
    <message>
        <source>Larger letters</source>
        <translation>Letras maiores</translation>
    </message>
    <message>
        <source>Smaller letters</source>
        <translation>Letras menores</translation>
    </message>
    <message>
        <source>The manual is in English.</source>
        <translation>O manual está em inglês.</translation>
    </message>
</context>
<context>
    <name>MessageStrip</name>
    <message>
        <source>Progress</source>
        <translation>Progresso</translation>
    </message>
    <message>
        <source>Use now</source>
        <translation>Usar agora</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Dispensar</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>Dispensar a mensagem</translation>
    </message>
</context>
<context>
    <name>Model</name>
    <message>
        <source>Demo: bottle inspection</source>
        <translation>Demo: inspeção de garrafas</translation>
    </message>
    <message>
        <source>Comes with the program</source>
        <translation>Vem com o programa</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Input</source>
        <translation>Entrada</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Ajuste</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Valores</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Lote</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Classes</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>Pontos-chave</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Pesos</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Formato</translation>
    </message>
    <message>
        <source>unknown, shown as numbers</source>
        <translation>desconhecida, mostrada como números</translation>
    </message>
    <message>
        <source>{count}, from {source}</source>
        <translation>{count}, de {source}</translation>
    </message>
    <message>
        <source>ONNX, opset {opset}</source>
        <translation>ONNX, opset {opset}</translation>
    </message>
    <message>
        <source>OpenVINO IR</source>
        <translation>OpenVINO IR</translation>
    </message>
    <message>
        <source>{phase}, {elapsed:.0f} s</source>
        <translation>{phase}, {elapsed:.0f} s</translation>
    </message>
    <message>
        <source>{phase}, {elapsed:.0f} of about {expected:.0f} s</source>
        <translation>{phase}, {elapsed:.0f} de cerca de {expected:.0f} s</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>Em uso</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Usar</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar na pasta</translation>
    </message>
    <message>
        <source>Remove from the list; the file stays</source>
        <translation>Remover da lista; o arquivo fica</translation>
    </message>
    <message>
        <source>Delete the downloaded file</source>
        <translation>Excluir o arquivo baixado</translation>
    </message>
    <message>
        <source>Use {title}</source>
        <translation>Usar {title}</translation>
    </message>
    <message>
        <source>Show {title} in its folder</source>
        <translation>Mostrar {title} na pasta</translation>
    </message>
    <message>
        <source>Remove {title} from the list</source>
        <translation>Remover {title} da lista</translation>
    </message>
    <message>
        <source>Delete the file of {title}</source>
        <translation>Excluir o arquivo de {title}</translation>
    </message>
    <message>
        <source>Delete the file?</source>
        <translation>Excluir o arquivo?</translation>
    </message>
    <message>
        <source>Delete the file of {title}?</source>
        <translation>Excluir o arquivo de {title}?</translation>
    </message>
    <message>
        <source>It was downloaded by the program, and can be downloaded again.</source>
        <translation>Foi baixado pelo programa e pode ser baixado de novo.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Excluir</translation>
    </message>
</context>
<context>
    <name>ModelPanel</name>
    <message>
        <source>Forget the correction</source>
        <translation>Esquecer a correção</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>Corrigir…</translation>
    </message>
    <message>
        <source>Say what the program took wrongly, and see at once what it changes.</source>
        <translation>Dizer em que o programa se enganou e ver logo o que muda.</translation>
    </message>
    <message>
        <source>Drop an ONNX or OpenVINO file here</source>
        <translation>Solte aqui um arquivo ONNX ou OpenVINO</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>Abrir um modelo…</translation>
    </message>
    <message>
        <source>Or choose one that is here</source>
        <translation>Ou escolha um dos que já estão aqui</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>Progresso do carregamento</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Tentar de novo</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalhes</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Show what the model takes and gives, and what speaks for this guess.</source>
        <translation>Mostrar o que o modelo recebe e dá, e o que apoia esta suposição.</translation>
    </message>
    <message>
        <source>You corrected what the program took this model for.</source>
        <translation>Você corrigiu o que o programa supôs deste modelo.</translation>
    </message>
    <message>
        <source>{name}: {now} now, {most} at most on one picture</source>
        <translation>{name}: {now} agora, {most} no máximo em uma imagem</translation>
    </message>
    <message>
        <source>{name}, {now}</source>
        <translation>{name}, {now}</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>Buscar classe</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Todas</translation>
    </message>
    <message>
        <source>Draw all classes that are listed.</source>
        <translation>Desenhar todas as classes da lista.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Nenhuma</translation>
    </message>
    <message>
        <source>Draw none of those that are listed.</source>
        <translation>Não desenhar nenhuma da lista.</translation>
    </message>
    <message>
        <source>Only seen</source>
        <translation>Só vistas</translation>
    </message>
    <message>
        <source>List only classes seen so far.</source>
        <translation>Listar só as classes vistas até agora.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Classes</translation>
    </message>
    <message>
        <source>Space draws or hides a class, Return changes its colour.</source>
        <translation>Espaço desenha ou oculta uma classe; Enter muda sua cor.</translation>
    </message>
    <message>
        <source>Colour of {name}</source>
        <translation>Cor de {name}</translation>
    </message>
    <message>
        <source>Order of the classes</source>
        <translation>Ordem das classes</translation>
    </message>
    <message>
        <source>By count</source>
        <translation>Por quantidade</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Por nome</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>Por número</translation>
    </message>
    <message>
        <source>No class is called like that.</source>
        <translation>Nenhuma classe tem esse nome.</translation>
    </message>
    <message>
        <source>Nothing was seen yet.</source>
        <translation>Ainda não se viu nada.</translation>
    </message>
    <message>
        <source>The model does not say which classes it has; those that it finds will be listed here.</source>
        <translation>O modelo não diz quais classes tem; as que ele encontrar aparecerão aqui.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Changes are for all tiles.</source>
        <translation>As mudanças valem para todos os visores.</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>Limiares</translation>
    </message>
    <message>
        <source>Folds or unfolds this section</source>
        <translation>Recolhe ou expande esta seção</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>Confiança</translation>
    </message>
    <message>
        <source>Finds that the model is less sure of are left out.</source>
        <translation>Detecções de que o modelo tem menos certeza são omitidas.</translation>
    </message>
    <message>
        <source>Overlap</source>
        <translation>Sobreposição</translation>
    </message>
    <message>
        <source>Boxes of one class that overlap more than this (IoU) are taken for one object.</source>
        <translation>Caixas de uma classe que se sobrepõem mais do que isto (IoU) contam como um só objeto.</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>No máximo</translation>
    </message>
    <message>
        <source>No more objects than this are kept on a picture; the best ones stay.</source>
        <translation>Não são mantidos mais objetos do que isto em uma imagem; ficam os melhores.</translation>
    </message>
    <message>
        <source>{tip} Double-click on the name for the usual value.</source>
        <translation>{tip} Clique duas vezes no nome para o valor habitual.</translation>
    </message>
</context>
<context>
    <name>ModelWords</name>
    <message>
        <source>Finds objects</source>
        <translation>Detecta objetos</translation>
    </message>
    <message>
        <source>Finds objects and their outlines</source>
        <translation>Detecta objetos e seus contornos</translation>
    </message>
    <message>
        <source>Finds objects and their keypoints</source>
        <translation>Detecta objetos e seus pontos-chave</translation>
    </message>
    <message>
        <source>Finds objects at any angle</source>
        <translation>Detecta objetos em qualquer ângulo</translation>
    </message>
    <message>
        <source>Says what a picture shows</source>
        <translation>Diz o que uma imagem mostra</translation>
    </message>
    <message>
        <source>Gives every pixel a class</source>
        <translation>Dá uma classe a cada pixel</translation>
    </message>
    <message>
        <source>Finds faces</source>
        <translation>Detecta rostos</translation>
    </message>
    <message>
        <source>letterbox, centred</source>
        <translation>com faixas, centrada</translation>
    </message>
    <message>
        <source>letterbox, top left</source>
        <translation>com faixas, alto esq.</translation>
    </message>
    <message>
        <source>stretched</source>
        <translation>esticada</translation>
    </message>
    <message>
        <source>cut at the longer sides</source>
        <translation>corte dos lados longos</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>cinza</translation>
    </message>
    <message>
        <source>0 to 255</source>
        <translation>0 a 255</translation>
    </message>
    <message>
        <source>0 to 1</source>
        <translation>0 a 1</translation>
    </message>
    <message>
        <source>corrected by you</source>
        <translation>corrigido por você</translation>
    </message>
    <message>
        <source>{share:.0f} % sure</source>
        <translation>{share:.0f}% de certeza</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Only {count} files are added at a time</source>
        <translation>Só são adicionados {count} arquivos de cada vez</translation>
    </message>
    <message>
        <source>Add the others afterwards</source>
        <translation>Adicione os outros depois</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>Leitura de {name}</translation>
    </message>
    <message>
        <source>The folder does not answer: {folder}</source>
        <translation>A pasta não responde: {folder}</translation>
    </message>
    <message>
        <source>{done} of {all}</source>
        <translation>{done} de {all}</translation>
    </message>
    <message>
        <source>{amount} per second</source>
        <translation>{amount} por segundo</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>faltam {count} s</translation>
    </message>
    <message>
        <source>{count} min left</source>
        <translation>faltam {count} min</translation>
    </message>
    <message>
        <source>1 class</source>
        <translation>1 classe</translation>
    </message>
    <message>
        <source>{count} classes</source>
        <translation>{count} classes</translation>
    </message>
    <message>
        <source>Unfinished downloads</source>
        <translation>Downloads inacabados</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>Download de {title}</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Leitura do modelo</translation>
    </message>
    <message>
        <source>Variants: {titles}</source>
        <translation>Variantes: {titles}</translation>
    </message>
    <message>
        <source>Add the models that are missing again</source>
        <translation>Adicionar de novo os modelos que faltam</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>Meus modelos</translation>
    </message>
    <message>
        <source>The folder cannot be shown by a program of this computer</source>
        <translation>Nenhum programa deste computador pode mostrar a pasta</translation>
    </message>
    <message>
        <source>Open the folder yourself</source>
        <translation>Abra a pasta você mesmo</translation>
    </message>
    <message>
        <source>{title} is now one of your models.</source>
        <translation>{title} agora é um dos seus modelos.</translation>
    </message>
    <message>
        <source>All tasks</source>
        <translation>Todas as tarefas</translation>
    </message>
    <message>
        <source>{count} more could not be added, see Problems.</source>
        <translation>Outros {count} não puderam ser adicionados; veja Problemas.</translation>
    </message>
    <message>
        <source>Added {name}: {task}.</source>
        <translation>{name} foi adicionado: {task}.</translation>
    </message>
    <message>
        <source>Added {count} models.</source>
        <translation>{count} modelos foram adicionados.</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Task</source>
        <translation>Tarefa</translation>
    </message>
    <message>
        <source>Add a model…</source>
        <translation>Adicionar modelo…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file; it stays where it is</source>
        <translation>Escolha um arquivo ONNX ou OpenVINO; ele fica onde está</translation>
    </message>
    <message>
        <source>No open model matches the search.</source>
        <translation>Nenhum modelo aberto corresponde à busca.</translation>
    </message>
    <message>
        <source>Add models</source>
        <translation>Adicionar modelos</translation>
    </message>
    <message>
        <source>Models (*.onnx *.xml)</source>
        <translation>Modelos (*.onnx *.xml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos os arquivos (*)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>Meus modelos</translation>
    </message>
    <message>
        <source>Open models</source>
        <translation>Modelos abertos</translation>
    </message>
    <message>
        <source>Free to download, each under its own licence. Nothing is fetched before you ask for it.</source>
        <translation>Gratuitos para baixar, cada um com sua própria licença. Nada é baixado sem que você peça.</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Buscar modelos</translation>
    </message>
    <message>
        <source>Drop the files to add them to your models</source>
        <translation>Solte os arquivos para adicioná-los aos seus modelos</translation>
    </message>
    <message>
        <source>None of your models matches the search.</source>
        <translation>Nenhum dos seus modelos corresponde à busca.</translation>
    </message>
    <message>
        <source>You have no models yet: drop an ONNX or OpenVINO file here, or download one of the open models.</source>
        <translation>Você ainda não tem modelos: solte aqui um arquivo ONNX ou OpenVINO, ou baixe um dos modelos abertos.</translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>In my models</source>
        <translation>Nos meus modelos</translation>
    </message>
    <message>
        <source>Open the web page of this model, with its licence</source>
        <translation>Abrir a página deste modelo na web, com a licença</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Usar</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Descartar</translation>
    </message>
    <message>
        <source>Delete what has come so far</source>
        <translation>Excluir o que já foi baixado</translation>
    </message>
    <message>
        <source>Licence of {title}: {licence}</source>
        <translation>Licença de {title}: {licence}</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>Download de {title}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Tentar de novo</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Baixar</translation>
    </message>
</context>
<context>
    <name>Optimise</name>
    <message>
        <source>{before}; the best so far is {speed} times as fast</source>
        <translation>{before}; a melhor até agora, a {speed} vezes a velocidade</translation>
    </message>
    <message>
        <source>Trying what stays precise, kind by kind</source>
        <translation>Teste do que fica preciso, tipo por tipo</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>Busca das camadas que mais custam</translation>
    </message>
    <message>
        <source>Keeping costly layers precise</source>
        <translation>As camadas que custam ficam precisas</translation>
    </message>
    <message>
        <source>Making more layers fast again</source>
        <translation>Mais camadas voltam a ser rápidas</translation>
    </message>
    <message>
        <source>Trying another way to round</source>
        <translation>Teste de outra forma de arredondar</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>Verificação com todos os quadros</translation>
    </message>
    <message>
        <source>{count} of {wanted} frames that differ</source>
        <translation>{count} de {wanted} quadros diferentes</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Leitura do modelo</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Conversão</translation>
    </message>
    <message>
        <source>Fusing layers</source>
        <translation>Fusão de camadas</translation>
    </message>
    <message>
        <source>Fitting it to your frames</source>
        <translation>Ajuste aos seus quadros</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>Escolha dos pesos</translation>
    </message>
    <message>
        <source>Seeing how small it packs</source>
        <translation>Medida de quanto comprime</translation>
    </message>
    <message>
        <source>Writing the file</source>
        <translation>Gravação do arquivo</translation>
    </message>
    <message>
        <source>Checking that it runs</source>
        <translation>Verificação de que funciona</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Carregamento</translation>
    </message>
    <message>
        <source>Measuring the speed, round {number}</source>
        <translation>Medição da velocidade, rodada {number}</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>Comparação com os rótulos</translation>
    </message>
    <message>
        <source>Comparing what is found, frame by frame</source>
        <translation>Comparação das detecções, quadro a quadro</translation>
    </message>
    <message>
        <source>Only {count} of the frames differ; with {wanted} the result is surer.</source>
        <translation>Só {count} quadros são diferentes; com {wanted} o resultado é mais seguro.</translation>
    </message>
    <message>
        <source>There are too few frames: what is measured with them is a hint, no proof.</source>
        <translation>Há quadros de menos: o que se mede com eles é um indício, não uma prova.</translation>
    </message>
    <message>
        <source>{name} has no INT8 variant yet. Build one here; it is swapped in when it is ready.</source>
        <translation>{name} ainda não tem uma variante INT8. Crie-a aqui; ela entra em uso quando estiver pronta.</translation>
    </message>
    <message>
        <source>Stopped. What was finished is kept.</source>
        <translation>Parado. O que ficou pronto é mantido.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Parado.</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Otimizar</translation>
    </message>
    <message>
        <source>{title} takes over as soon as it is loaded; the stream goes on meanwhile.</source>
        <translation>{title} entra em uso assim que for carregada; o fluxo continua enquanto isso.</translation>
    </message>
    <message>
        <source>{title} runs now.</source>
        <translation>{title} já está em uso.</translation>
    </message>
    <message>
        <source>Copied {count} variants to {folder}.</source>
        <translation>{count} variantes foram copiadas para {folder}.</translation>
    </message>
    <message>
        <source>The report is saved: {path}</source>
        <translation>O relatório foi salvo: {path}</translation>
    </message>
    <message>
        <source>Done. Nothing is both faster and within what may be lost: keep the original.</source>
        <translation>Pronto. Nada é mais rápido e fica ao mesmo tempo dentro do que se pode perder: mantenha o original.</translation>
    </message>
    <message>
        <source>Done. Take {title}: {speed:.2f} times as fast as the original.</source>
        <translation>Pronto. Use {title}: {speed:.2f} vezes a velocidade do original.</translation>
    </message>
    <message>
        <source>Not built: {count}, see the table.</source>
        <translation>Não criadas: {count}, veja a tabela.</translation>
    </message>
    <message>
        <source>On this frame {share} of the finds agree.</source>
        <translation>Neste quadro, {share} das detecções coincidem.</translation>
    </message>
    <message>
        <source>keep it</source>
        <translation>mantenha</translation>
    </message>
    <message>
        <source>loses too much</source>
        <translation>perde demais</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>recomendada</translation>
    </message>
    <message>
        <source>slower</source>
        <translation>mais lenta</translation>
    </message>
    <message>
        <source>fine</source>
        <translation>boa</translation>
    </message>
    <message>
        <source>The model as it is, on {badge}: what the others are held against.</source>
        <translation>O modelo como ele é, em {badge}: os outros são comparados com ele.</translation>
    </message>
    <message>
        <source>not built</source>
        <translation>não criada</translation>
    </message>
    <message>
        <source>Swap in the best when it is ready</source>
        <translation>Pôr a melhor em uso quando pronta</translation>
    </message>
    <message>
        <source>Swap in {title} when it is ready</source>
        <translation>Pôr {title} em uso quando pronta</translation>
    </message>
    <message>
        <source>What this tile shows</source>
        <translation>O que este visor mostra</translation>
    </message>
    <message>
        <source>Finding a good INT8 may take up to 20 minutes.</source>
        <translation>Encontrar um bom INT8 pode levar até 20 minutos.</translation>
    </message>
    <message>
        <source>It takes some minutes.</source>
        <translation>Leva alguns minutos.</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>Escolha primeiro um modelo.</translation>
    </message>
    <message>
        <source>The model is being read.</source>
        <translation>O modelo está sendo lido.</translation>
    </message>
    <message>
        <source>Choose where frames come from: open a source on the Live page, or choose a file.</source>
        <translation>Escolha de onde vêm os quadros: abra uma fonte na página Ao vivo ou escolha um arquivo.</translation>
    </message>
    <message>
        <source>Start this stream first: its frames are needed.</source>
        <translation>Inicie primeiro este fluxo: seus quadros são necessários.</translation>
    </message>
    <message>
        <source>Choose at least one variant.</source>
        <translation>Escolha pelo menos uma variante.</translation>
    </message>
    <message>
        <source>INT8 for OpenVINO</source>
        <translation>INT8 para OpenVINO</translation>
    </message>
    <message>
        <source>FP16 for OpenVINO</source>
        <translation>FP16 para OpenVINO</translation>
    </message>
    <message>
        <source>INT8 as ONNX</source>
        <translation>INT8 em ONNX</translation>
    </message>
    <message>
        <source>FP16 as ONNX</source>
        <translation>FP16 em ONNX</translation>
    </message>
    <message>
        <source>Fused ONNX</source>
        <translation>ONNX fundido</translation>
    </message>
    <message>
        <source>Pruned by {percent} %</source>
        <translation>Podado em {percent}%</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Mostly the fastest, a quarter of the size.</source>
        <translation>Quase sempre a mais rápida, um quarto do tamanho.</translation>
    </message>
    <message>
        <source>Half the size, practically the same results.</source>
        <translation>Metade do tamanho, praticamente os mesmos resultados.</translation>
    </message>
    <message>
        <source>The same for ONNX Runtime and other programs.</source>
        <translation>O mesmo para o ONNX Runtime e outros programas.</translation>
    </message>
    <message>
        <source>Half the size; fast on graphics cards alone.</source>
        <translation>Metade do tamanho; rápida só em placas de vídeo.</translation>
    </message>
    <message>
        <source>Tidied up, with exactly the same results.</source>
        <translation>Simplificada, com exatamente os mesmos resultados.</translation>
    </message>
    <message>
        <source>Without its least weights: packs smaller.</source>
        <translation>Sem os menores pesos: comprime mais.</translation>
    </message>
    <message>
        <source>It needs the ONNX file that this OpenVINO model was made from.</source>
        <translation>Precisa do arquivo ONNX do qual este modelo OpenVINO foi feito.</translation>
    </message>
    <message>
        <source>The model is quantised already; it needs the float model.</source>
        <translation>O modelo já está quantizado; é preciso o modelo em ponto flutuante.</translation>
    </message>
    <message>
        <source>The model is in half precision already.</source>
        <translation>O modelo já está em meia precisão.</translation>
    </message>
    <message>
        <source>Collect frames</source>
        <translation>Reunir quadros</translation>
    </message>
    <message>
        <source>Measure the original</source>
        <translation>Medir o original</translation>
    </message>
    <message>
        <source>Original in {precision}</source>
        <translation>Original em {precision}</translation>
    </message>
    <message>
        <source>Original on {runtime} in {precision}</source>
        <translation>Original com {runtime} em {precision}</translation>
    </message>
    <message>
        <source>Original on {runtime}</source>
        <translation>Original com {runtime}</translation>
    </message>
    <message>
        <source>Nothing: it must find exactly what the original finds.</source>
        <translation>Nada: deve detectar exatamente o que o original detecta.</translation>
    </message>
    <message>
        <source>{count} of 100 finds may differ from those of the original.</source>
        <translation>{count} de 100 detecções podem diferir das do original.</translation>
    </message>
    <message>
        <source>Runs {times:.2f} times as fast as the original.</source>
        <translation>Executa a {times:.2f} vezes a velocidade do original.</translation>
    </message>
    <message>
        <source>Runs about as fast as the original.</source>
        <translation>É mais ou menos tão rápido quanto o original.</translation>
    </message>
    <message>
        <source>Runs at {times:.2f} times the speed of the original, so slower.</source>
        <translation>Executa a {times:.2f} vezes a velocidade do original, ou seja, mais lento.</translation>
    </message>
    <message>
        <source>Takes {size}, {share:.0f} % of the original; {memory} of memory while it runs.</source>
        <translation>Ocupa {size}, {share:.0f}% do original; {memory} de memória durante a execução.</translation>
    </message>
    <message>
        <source>Agrees with the original to {share} on {frames} frames.</source>
        <translation>Concorda em {share} com o original em {frames} quadros.</translation>
    </message>
    <message>
        <source>Finds of another class: {count}.</source>
        <translation>Detecções de outra classe: {count}.</translation>
    </message>
    <message>
        <source>Frames on which it finds nothing any more: {count}.</source>
        <translation>Quadros em que já não detecta nada: {count}.</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>Leitura de {name}</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>Cópia de {name}</translation>
    </message>
</context>
<context>
    <name>OptimiseNews</name>
    <message>
        <source>Optimising: step {number} of {count}</source>
        <translation>Otimização: passo {number} de {count}</translation>
    </message>
    <message>
        <source>Variants are built and measured. Click to see how far it is.</source>
        <translation>Variantes são criadas e medidas. Clique para ver o andamento.</translation>
    </message>
    <message>
        <source>Optimising has failed</source>
        <translation>A otimização falhou</translation>
    </message>
    <message>
        <source>Optimising is done</source>
        <translation>A otimização terminou</translation>
    </message>
</context>
<context>
    <name>OptimisePage</name>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>What is made smaller and faster</source>
        <translation>O que se torna menor e mais rápido</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>Outro arquivo…</translation>
    </message>
    <message>
        <source>Frames to measure with</source>
        <translation>Quadros para medir</translation>
    </message>
    <message>
        <source>Pictures like those that the model will see: variants are fitted and judged by them</source>
        <translation>Imagens como as que o modelo verá: as variantes são ajustadas e julgadas com elas</translation>
    </message>
    <message>
        <source>A video file…</source>
        <translation>Um arquivo de vídeo…</translation>
    </message>
    <message>
        <source>A folder of pictures…</source>
        <translation>Uma pasta de imagens…</translation>
    </message>
    <message>
        <source>Frames from a folder of pictures</source>
        <translation>Quadros de uma pasta de imagens</translation>
    </message>
    <message>
        <source>Build and measure</source>
        <translation>Criar e medir</translation>
    </message>
    <message>
        <source>Model to optimise</source>
        <translation>Modelo a otimizar</translation>
    </message>
    <message>
        <source>What to build</source>
        <translation>O que criar</translation>
    </message>
    <message>
        <source>How much may be lost</source>
        <translation>Quanto se pode perder</translation>
    </message>
    <message>
        <source> %</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Without labels</source>
        <translation>Sem rótulos</translation>
    </message>
    <message>
        <source>A COCO annotation file (.json): accuracy is measured by it, and decides</source>
        <translation>Um arquivo de anotações COCO (.json): mede a acurácia, e ela decide</translation>
    </message>
    <message>
        <source>Labels: {name}</source>
        <translation>Rótulos: {name}</translation>
    </message>
    <message>
        <source>Labels of these pictures…</source>
        <translation>Rótulos destas imagens…</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Rótulos</translation>
    </message>
    <message>
        <source>COCO labels (*.json)</source>
        <translation>Rótulos COCO (*.json)</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Aplicar</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Salvar relatório…</translation>
    </message>
    <message>
        <source>Everything that was measured last, with plot and frames</source>
        <translation>Tudo o que se mediu por último, com gráfico e quadros</translation>
    </message>
    <message>
        <source>There is a report as soon as variants have been built and measured</source>
        <translation>Haverá um relatório assim que variantes forem criadas e medidas</translation>
    </message>
    <message>
        <source>Choose a row to see more of it.</source>
        <translation>Escolha uma linha para ver mais.</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>Em uso</translation>
    </message>
    <message>
        <source>Copy the variants to</source>
        <translation>Copiar as variantes para</translation>
    </message>
    <message>
        <source>Page with pictures (*.html)</source>
        <translation>Página com imagens (*.html)</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabela (*.csv)</translation>
    </message>
    <message>
        <source>Data (*.json)</source>
        <translation>Dados (*.json)</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Salvar o relatório</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Otimizar</translation>
    </message>
    <message>
        <source>Speed and agreement</source>
        <translation>Velocidade e concordância</translation>
    </message>
    <message>
        <source>Frames side by side</source>
        <translation>Quadros lado a lado</translation>
    </message>
    <message>
        <source>What was measured</source>
        <translation>O que se mediu</translation>
    </message>
    <message>
        <source>Swap it into the running stream, which goes on meanwhile</source>
        <translation>Colocá-la no fluxo em execução, que continua enquanto isso</translation>
    </message>
    <message>
        <source>Copy the variants to a folder of yours</source>
        <translation>Copiar as variantes para uma pasta sua</translation>
    </message>
    <message>
        <source>Smaller, faster, and measured</source>
        <translation>Menor, mais rápido e medido</translation>
    </message>
    <message>
        <source>Variants of your model are built here, and each is compared with the original on your own frames: how fast it is on this computer, how large, and how much of what it finds stays the same. Nothing is changed until you apply one.</source>
        <translation>Aqui são criadas variantes do seu modelo, e cada uma é comparada com o original nos seus próprios quadros: quão rápida é neste computador, quanto ocupa e quanto do que detecta continua igual. Nada muda até você aplicar uma.</translation>
    </message>
    <message>
        <source>Show large</source>
        <translation>Ver grande</translation>
    </message>
    <message>
        <source>Wheel, + and −: zoom. Drag, or Shift with arrows: move. Arrows: other frames. 0: all.</source>
        <translation>Roda, + e −: zoom. Arrastar, ou Shift com setas: mover. Setas: outros quadros. 0: tudo.</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>Menor</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>Maior</translation>
    </message>
    <message>
        <source>The whole frame</source>
        <translation>O quadro inteiro</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fechar</translation>
    </message>
    <message>
        <source>{title} beside the original</source>
        <translation>{title} ao lado do original</translation>
    </message>
    <message>
        <source>Frame before</source>
        <translation>Quadro anterior</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Próximo quadro</translation>
    </message>
    <message>
        <source>Choose a variant in the table to see the same frame through it and the original.</source>
        <translation>Escolha uma variante na tabela para ver o mesmo quadro com ela e com o original.</translation>
    </message>
    <message>
        <source>There is no frame on which it differs from the original.</source>
        <translation>Não há nenhum quadro em que ela difira do original.</translation>
    </message>
    <message>
        <source>Speed against agreement</source>
        <translation>Velocidade e concordância</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation>Concordância</translation>
    </message>
    <message>
        <source>Times as fast as the original</source>
        <translation>Vezes a velocidade do original</translation>
    </message>
    <message>
        <source>{title}: {speed:.2f} times as fast, agreement {agreement:.1f} %</source>
        <translation>{title}: {speed:.2f} vezes a velocidade, concordância {agreement:.1f}%</translation>
    </message>
    <message>
        <source>The video goes on meanwhile, somewhat slower. You can leave this page.</source>
        <translation>O vídeo continua enquanto isso, um pouco mais lento. Você pode sair desta página.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Stop; variants that are finished are kept</source>
        <translation>Parar; as variantes prontas são mantidas</translation>
    </message>
    <message>
        <source>Optimising {model}</source>
        <translation>Otimização de {model}</translation>
    </message>
    <message>
        <source>The same frame through the original and through the variant</source>
        <translation>O mesmo quadro com o original e com a variante</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>Variantes</translation>
    </message>
    <message>
        <source>{title}, in use</source>
        <translation>{title}, em uso</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>What was built</source>
        <translation>O que foi criado</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Veredito</translation>
    </message>
    <message>
        <source>What to think of it, by what may be lost</source>
        <translation>O que pensar dela, segundo o que se pode perder</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidade</translation>
    </message>
    <message>
        <source>How many times as fast as the original</source>
        <translation>Quantas vezes a velocidade do original</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamanho</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>No disco</translation>
    </message>
    <message>
        <source>Frames/s</source>
        <translation>Quadros/s</translation>
    </message>
    <message>
        <source>Pictures a second that it can do, measured beside what else runs</source>
        <translation>Imagens por segundo que consegue processar, medidas junto com o que mais está em execução</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latência</translation>
    </message>
    <message>
        <source>From a picture to its result, the median</source>
        <translation>De uma imagem ao resultado, a mediana</translation>
    </message>
    <message>
        <source>How much of what it finds is what the original finds</source>
        <translation>Quanto do que detecta o original também detecta</translation>
    </message>
    <message>
        <source>mAP</source>
        <translation>mAP</translation>
    </message>
    <message>
        <source>Mean average precision on your labelled pictures</source>
        <translation>Precisão média (mean average precision) nas suas imagens rotuladas</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Executado em</translation>
    </message>
    <message>
        <source>Runtime, device and precision, as read back</source>
        <translation>Motor de inferência, dispositivo e precisão numérica, como lidos de volta</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Live</source>
        <translation>Ao vivo</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Otimizar</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
</context>
<context>
    <name>Password</name>
    <message>
        <source>Password</source>
        <translation>Senha</translation>
    </message>
    <message>
        <source>Remember it in the keyring of the system</source>
        <translation>Lembrar no chaveiro do sistema</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Conectar</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Agora não</translation>
    </message>
    <message>
        <source>This stream</source>
        <translation>Este fluxo</translation>
    </message>
    <message>
        <source>{tile} needs a password</source>
        <translation>{tile} precisa de uma senha</translation>
    </message>
    <message>
        <source>{tile} needs its whole address</source>
        <translation>{tile} precisa do endereço completo</translation>
    </message>
    <message>
        <source>User or password was refused.</source>
        <translation>O usuário ou a senha foi recusado.</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Usuário</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Endereço</translation>
    </message>
    <message>
        <source>The password is not known any more</source>
        <translation>A senha não é mais conhecida</translation>
    </message>
    <message>
        <source>Enter it again</source>
        <translation>Digite-a de novo</translation>
    </message>
</context>
<context>
    <name>Problems</name>
    <message>
        <source>(happened {count} times)</source>
        <translation>(ocorreu {count} vezes)</translation>
    </message>
    <message>
        <source>Expected: {what}</source>
        <translation>Era esperado: {what}</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Problemas</translation>
    </message>
    <message>
        <source>Close the list</source>
        <translation>Fechar a lista</translation>
    </message>
    <message>
        <source>Nothing has gone wrong.</source>
        <translation>Nada falhou.</translation>
    </message>
    <message>
        <source>Open the log folder</source>
        <translation>Abrir a pasta de registros</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Limpar</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalhes</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>Manual</translation>
    </message>
    <message>
        <source>What the manual says about this message</source>
        <translation>O que o manual diz sobre esta mensagem</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copiado</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>O que fazer</translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>Fechar o aviso</translation>
    </message>
    <message>
        <source>A problem</source>
        <translation>Um problema</translation>
    </message>
</context>
<context>
    <name>QAbstractFileIconProvider</name>
    <message>
        <source>Folder</source>
        <translation>Pasta</translation>
    </message>
    <message>
        <source>Drive</source>
        <translation>Unidade</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Desconhecido</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>&amp;Examinar:</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>&amp;Tipo de arquivo:</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Pages</source>
        <translation>Páginas</translation>
    </message>
</context>
<context>
    <name>Recording</name>
    <message>
        <source>Nothing streams any more</source>
        <translation>Nenhum fluxo está mais em execução</translation>
    </message>
    <message>
        <source>Start a stream</source>
        <translation>Inicie um fluxo</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>The program made a mistake</source>
        <translation>O programa cometeu um erro</translation>
    </message>
    <message>
        <source>It goes on; if something no longer works, start it again. The log has the details</source>
        <translation>Ele continua; se algo não funcionar mais, reinicie-o. O registro tem os detalhes</translation>
    </message>
    <message>
        <source>Neither a log nor a report of a crash will be written</source>
        <translation>Não será gravado nem um registro nem um relatório de falha</translation>
    </message>
    <message>
        <source>a folder that can be written, and {count} open windows at most</source>
        <translation>uma pasta em que se possa gravar e no máximo {count} janelas abertas</translation>
    </message>
    <message>
        <source>Close other windows of Inferoscope, free space on the disk, and start it again</source>
        <translation>Feche outras janelas do Inferoscope, libere espaço no disco e inicie-o de novo</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Looking at free space</source>
        <translation>Consulta do espaço livre</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagem</translation>
    </message>
    <message>
        <source>The folder for snapshots and recordings is not there any more</source>
        <translation>A pasta de capturas e gravações não está mais lá</translation>
    </message>
    <message>
        <source>Connect its disk again or choose another folder</source>
        <translation>Reconecte o disco ou escolha outra pasta</translation>
    </message>
    <message>
        <source>There is no picture to save yet.</source>
        <translation>Ainda não há imagem para salvar.</translation>
    </message>
    <message>
        <source>Saving a snapshot</source>
        <translation>Gravação de uma captura</translation>
    </message>
    <message>
        <source>Start a stream, then record it.</source>
        <translation>Inicie um fluxo e depois grave-o.</translation>
    </message>
    <message>
        <source>Preparing a recording</source>
        <translation>Preparação de uma gravação</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>The folder is used but not remembered</source>
        <translation>A pasta é usada, mas não será lembrada</translation>
    </message>
    <message>
        <source>Free some space, and choose it again at the next start</source>
        <translation>Libere espaço e escolha-a novamente no próximo início</translation>
    </message>
    <message>
        <source>Choose where snapshots and recordings go. You are asked only once.</source>
        <translation>Escolha onde ficam as capturas e gravações. Só se pergunta uma vez.</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>Salvamento</translation>
    </message>
    <message>
        <source>The system has no program that opens it</source>
        <translation>O sistema não tem nenhum programa para abri-lo</translation>
    </message>
    <message>
        <source>Open its folder yourself</source>
        <translation>Abra a pasta dele você mesmo</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Gravação</translation>
    </message>
    <message>
        <source>Looking for the recording</source>
        <translation>Busca da gravação</translation>
    </message>
    <message>
        <source>The recording has ended, with all files whole, because {free} are left on the disk</source>
        <translation>A gravação terminou, com todos os arquivos íntegros, porque restam {free} no disco</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder, and record again</source>
        <translation>Libere espaço ou escolha outra pasta, e grave de novo</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} quadros</translation>
    </message>
    <message>
        <source>{size} free</source>
        <translation>{size} livres</translation>
    </message>
    <message>
        <source>Only {free} are free; a recording ends at {kept}.</source>
        <translation>Só há {free} livres; uma gravação termina com {kept}.</translation>
    </message>
    <message>
        <source>{count} frames were not recorded: the disk or the video encoder is too slow.</source>
        <translation>{count} quadros não foram gravados: o disco ou o codificador de vídeo é lento demais.</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} salvo</translation>
    </message>
    <message>
        <source>Saved {name} and {count} more</source>
        <translation>{name} e mais {count} salvos</translation>
    </message>
    <message>
        <source>Nothing can be recorded: {free} are free on its disk</source>
        <translation>Nada pode ser gravado: há {free} livres no disco</translation>
    </message>
    <message>
        <source>more than {kept}</source>
        <translation>mais de {kept}</translation>
    </message>
    <message>
        <source>Free some space, choose another folder, or keep less free in the settings</source>
        <translation>Libere espaço, escolha outra pasta ou reserve menos espaço livre nos ajustes</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>Capturas e gravações</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar na pasta</translation>
    </message>
    <message>
        <source>Folder for snapshots and recordings</source>
        <translation>Pasta de capturas e gravações</translation>
    </message>
    <message>
        <source>Snapshots and recordings go to {folder}. Choose another folder.</source>
        <translation>Capturas e gravações vão para {folder}. Escolher outra pasta.</translation>
    </message>
    <message>
        <source>Save here</source>
        <translation>Salvar aqui</translation>
    </message>
    <message>
        <source>Finishing the recording: {percent} %</source>
        <translation>Finalizando a gravação: {percent}%</translation>
    </message>
    <message>
        <source>● Recording {time}</source>
        <translation>● Gravação {time}</translation>
    </message>
</context>
<context>
    <name>Secrets</name>
    <message>
        <source>the keyring did not take them</source>
        <translation>o chaveiro não as aceitou</translation>
    </message>
    <message>
        <source>there is no keyring on this computer</source>
        <translation>não há chaveiro neste computador</translation>
    </message>
    <message>
        <source>Passwords are known only until the program ends: {why}</source>
        <translation>As senhas só são conhecidas até o programa encerrar: {why}</translation>
    </message>
    <message>
        <source>You will be asked for them at the next start</source>
        <translation>Elas serão pedidas no próximo início</translation>
    </message>
</context>
<context>
    <name>Selection</name>
    <message>
        <source>Measured to be the best for this model on this computer.</source>
        <translation>Medido como o melhor para este modelo neste computador.</translation>
    </message>
    <message>
        <source>It does not read OpenVINO models</source>
        <translation>Não lê modelos OpenVINO</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was made from</source>
        <translation>Escolha OpenVINO ou o arquivo ONNX do qual o modelo foi feito</translation>
    </message>
    <message>
        <source>It finds no device here.</source>
        <translation>Não encontra nenhum dispositivo aqui.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Auto</translation>
    </message>
    <message>
        <source>Automatic ({device})</source>
        <translation>Auto ({device})</translation>
    </message>
    <message>
        <source>What runs everywhere with this backend</source>
        <translation>O que funciona em qualquer lugar com este backend</translation>
    </message>
    <message>
        <source>The most exact</source>
        <translation>A mais exata</translation>
    </message>
    <message>
        <source>Automatic ({precision})</source>
        <translation>Auto ({precision})</translation>
    </message>
    <message>
        <source>Takes the INT8 variant of the model, or offers to build it.</source>
        <translation>Usa a variante INT8 do modelo ou oferece criá-la.</translation>
    </message>
    <message>
        <source>It is not known here.</source>
        <translation>Não é conhecido aqui.</translation>
    </message>
</context>
<context>
    <name>SessionFile</name>
    <message>
        <source>Saving the session</source>
        <translation>Salvamento da sessão</translation>
    </message>
    <message>
        <source>The session file cannot be read</source>
        <translation>O arquivo de sessão não pode ser lido</translation>
    </message>
    <message>
        <source>Check that you may read it</source>
        <translation>Verifique se você tem permissão para lê-lo</translation>
    </message>
    <message>
        <source>The session cannot be saved</source>
        <translation>A sessão não pode ser salva</translation>
    </message>
    <message>
        <source>Free space on the disk, and check that you may write to the folder</source>
        <translation>Libere espaço no disco e verifique se você pode gravar na pasta</translation>
    </message>
    <message>
        <source>The session file was made by a later version of the program</source>
        <translation>O arquivo de sessão é de uma versão posterior do programa</translation>
    </message>
    <message>
        <source>Install the newest version</source>
        <translation>Instale a versão mais recente</translation>
    </message>
    <message>
        <source>at most {count} bytes</source>
        <translation>no máximo {count} bytes</translation>
    </message>
    <message>
        <source>line {line}, column {column}</source>
        <translation>linha {line}, coluna {column}</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>JSON in UTF-8</source>
        <translation>JSON em UTF-8</translation>
    </message>
    <message>
        <source>that no two tiles or models have the same</source>
        <translation>que não haja dois visores ou modelos com o mesmo</translation>
    </message>
    <message>
        <source>the id of one of the models</source>
        <translation>o id de um dos modelos</translation>
    </message>
    <message>
        <source>a number in quotation marks</source>
        <translation>um número entre aspas</translation>
    </message>
    <message>
        <source>the password in it was left out; you will be asked for it</source>
        <translation>a senha que ele continha foi omitida; ela será pedida</translation>
    </message>
    <message>
        <source>the numbers of classes as names</source>
        <translation>os números das classes como nomes</translation>
    </message>
    <message>
        <source>colours such as #ff8800</source>
        <translation>cores como #ff8800</translation>
    </message>
    <message>
        <source>It was kept as {path}</source>
        <translation>Foi mantido como {path}</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sessão</translation>
    </message>
    <message>
        <source>This file is not there</source>
        <translation>Este arquivo não existe</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>Escolha outro arquivo</translation>
    </message>
    <message>
        <source>Not all of the session could be used: {first}</source>
        <translation>Nem toda a sessão pôde ser usada: {first}</translation>
    </message>
    <message>
        <source>Look at the details, and set up again what is missing</source>
        <translation>Veja os detalhes e configure novamente o que falta</translation>
    </message>
    <message>
        <source>Another Inferoscope has this session open; what you set up here is not saved</source>
        <translation>Outro Inferoscope está com esta sessão aberta; o que você configurar aqui não é salvo</translation>
    </message>
    <message>
        <source>Close the other one, or save the session as a file</source>
        <translation>Feche o outro ou salve a sessão em um arquivo</translation>
    </message>
    <message>
        <source>The session is not saved yet: its folder does not answer</source>
        <translation>A sessão ainda não foi salva: a pasta não responde</translation>
    </message>
    <message>
        <source>Check the drive or its network, or save the session as a file elsewhere</source>
        <translation>Verifique a unidade ou a rede dela, ou salve a sessão em um arquivo em outro lugar</translation>
    </message>
    <message>
        <source>an object in braces</source>
        <translation>um objeto entre chaves</translation>
    </message>
    <message>
        <source>that it is there</source>
        <translation>que exista</translation>
    </message>
    <message>
        <source>a list of at most {count}</source>
        <translation>uma lista de no máximo {count}</translation>
    </message>
    <message>
        <source>{place} is not known and was left out</source>
        <translation>{place} não é conhecido e foi omitido</translation>
    </message>
    <message>
        <source>The session file is damaged</source>
        <translation>O arquivo de sessão está danificado</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true ou false</translation>
    </message>
    <message>
        <source>a number from {least:g} to {most:g}</source>
        <translation>um número de {least:g} a {most:g}</translation>
    </message>
    <message>
        <source>a whole number from {least} to {most}</source>
        <translation>um número inteiro de {least} a {most}</translation>
    </message>
    <message>
        <source>a line of at most {count} letters</source>
        <translation>uma linha de no máximo {count} letras</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>um de {choices}</translation>
    </message>
    <message>
        <source>a list of whole numbers</source>
        <translation>uma lista de números inteiros</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>What could not be read has its usual value; look at the settings page</source>
        <translation>O que não pôde ser lido tem o valor habitual; veja a página de ajustes</translation>
    </message>
    <message>
        <source>It holds until the program ends, and cannot be saved: {reason}</source>
        <translation>Vale até o programa encerrar e não pode ser salvo: {reason}</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true ou false</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>um número inteiro</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>um número</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>um texto</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>um de {choices}</translation>
    </message>
    <message>
        <source>{least:g} to {most:g}</source>
        <translation>de {least:g} a {most:g}</translation>
    </message>
    <message>
        <source>{title} ({key}): expected {what}, got {value}</source>
        <translation>{title} ({key}): esperava-se {what}, não {value}</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aparência</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Tema</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>Cores da janela.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como o sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Escuro</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Alto contraste</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Idioma</translation>
    </message>
    <message>
        <source>Of the whole window, from the next start of the program on.</source>
        <translation>De toda a janela, a partir do próximo início do programa.</translation>
    </message>
    <message>
        <source>Pictures drawn per second</source>
        <translation>Imagens desenhadas por segundo</translation>
    </message>
    <message>
        <source>At most so often is a tile drawn anew. Fewer leave more of the processor to the models.</source>
        <translation>No máximo com esta frequência um visor é redesenhado. Menos imagens deixam mais processador para os modelos.</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>por segundo</translation>
    </message>
    <message>
        <source>Size of labels</source>
        <translation>Tamanho dos rótulos</translation>
    </message>
    <message>
        <source>Height of the letters on the pictures.</source>
        <translation>Altura das letras sobre as imagens.</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>pixels</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Execução</translation>
    </message>
    <message>
        <source>Continue where you stopped</source>
        <translation>Continuar de onde parou</translation>
    </message>
    <message>
        <source>Streams that ran when the program ended run again when it starts.</source>
        <translation>Os fluxos que estavam em execução ao encerrar o programa recomeçam quando ele inicia.</translation>
    </message>
    <message>
        <source>Keep the computer awake</source>
        <translation>Manter o computador ativo</translation>
    </message>
    <message>
        <source>While a stream runs, neither the computer nor its screen goes to sleep.</source>
        <translation>Enquanto um fluxo está em execução, nem o computador nem a tela entram em suspensão.</translation>
    </message>
    <message>
        <source>Models run for</source>
        <translation>Os modelos priorizam</translation>
    </message>
    <message>
        <source>Throughput uses all processor cores; latency answers each frame soonest.</source>
        <translation>O máximo de quadros usa todos os núcleos do processador; a latência mínima responde antes a cada quadro.</translation>
    </message>
    <message>
        <source>Most frames per second</source>
        <translation>Mais quadros por segundo</translation>
    </message>
    <message>
        <source>Shortest delay</source>
        <translation>Menor latência</translation>
    </message>
    <message>
        <source>Try new models in a process of their own</source>
        <translation>Testar modelos novos em um processo à parte</translation>
    </message>
    <message>
        <source>A model file that was never loaded before cannot take the program down with it.</source>
        <translation>Um arquivo de modelo que nunca foi carregado não consegue derrubar o programa.</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>Capturas e gravações</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Pasta</translation>
    </message>
    <message>
        <source>Where snapshots and recordings go. Asked for at the first one.</source>
        <translation>Onde ficam as capturas e gravações. Pergunta-se na primeira vez.</translation>
    </message>
    <message>
        <source>Draw what was found</source>
        <translation>Desenhar as detecções</translation>
    </message>
    <message>
        <source>Else pictures are saved as they came.</source>
        <translation>Senão, as imagens são salvas como chegaram.</translation>
    </message>
    <message>
        <source>Format of snapshots</source>
        <translation>Formato das capturas</translation>
    </message>
    <message>
        <source>PNG keeps every pixel, JPEG is smaller.</source>
        <translation>PNG mantém cada pixel, JPEG é menor.</translation>
    </message>
    <message>
        <source>Format of recordings</source>
        <translation>Formato das gravações</translation>
    </message>
    <message>
        <source>MP4 is light on the processor. WebM plays in browsers and takes longer to make.</source>
        <translation>MP4 exige pouco do processador. WebM é reproduzido em navegadores e demora mais a ser feito.</translation>
    </message>
    <message>
        <source>Results beside the pictures</source>
        <translation>Resultados ao lado das imagens</translation>
    </message>
    <message>
        <source>What was found on each frame, for other programs to read.</source>
        <translation>O que foi detectado em cada quadro, para outros programas lerem.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Nenhum</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>Linhas JSON</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>Tabela CSV</translation>
    </message>
    <message>
        <source>Keep free on the disk</source>
        <translation>Manter livre no disco</translation>
    </message>
    <message>
        <source>A recording ends before less than this is left.</source>
        <translation>Uma gravação termina antes que reste menos do que isto.</translation>
    </message>
    <message>
        <source>The settings could not be read: {error}</source>
        <translation>Os ajustes não puderam ser lidos: {error}</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>Buscar nos ajustes</translation>
    </message>
    <message>
        <source>No setting has these words.</source>
        <translation>Nenhum ajuste tem estas palavras.</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Restaurar</translation>
    </message>
    <message>
        <source>Reset: {title}</source>
        <translation>Restaurar: {title}</translation>
    </message>
    <message>
        <source>On</source>
        <translation>Sim</translation>
    </message>
    <message>
        <source>Not chosen yet</source>
        <translation>Ainda não escolhida</translation>
    </message>
    <message>
        <source>Choose: {title}</source>
        <translation>Escolher: {title}</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Escolher uma pasta</translation>
    </message>
</context>
<context>
    <name>SourceOpener</name>
    <message>
        <source>Passwords</source>
        <translation>Senhas</translation>
    </message>
</context>
<context>
    <name>SourcePicker</name>
    <message>
        <source>Camera {number}</source>
        <translation>Câmera {number}</translation>
    </message>
    <message>
        <source>No camera is plugged in</source>
        <translation>Nenhuma câmera conectada</translation>
    </message>
    <message>
        <source>Plug one in and press Refresh. If one is plugged in, close other programs that use it, and allow this program to use cameras in the system&apos;s settings.</source>
        <translation>Conecte uma e clique em Atualizar. Se houver uma conectada, feche outros programas que a usem e permita a este programa usar câmeras nas configurações do sistema.</translation>
    </message>
    <message>
        <source>Files that you open are listed here</source>
        <translation>Os arquivos que você abrir aparecem aqui</translation>
    </message>
    <message>
        <source>Addresses that you open are listed here</source>
        <translation>Os endereços que você abrir aparecem aqui</translation>
    </message>
    <message>
        <source>An address begins with rtsp://, rtsps://, http:// or https://</source>
        <translation>Um endereço começa com rtsp://, rtsps://, http:// ou https://</translation>
    </message>
    <message>
        <source>It cannot be told where the password ends: type user and password into the fields below</source>
        <translation>Não se sabe onde a senha termina: digite usuário e senha nos campos abaixo</translation>
    </message>
    <message>
        <source>This is no whole address. It looks like rtsp://camera.local:554/stream</source>
        <translation>Este endereço não está completo. Deve ser como rtsp://camera.local:554/stream</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Conectando…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>Abrindo…</translation>
    </message>
    <message>
        <source>No picture came yet</source>
        <translation>Ainda não chegou nenhuma imagem</translation>
    </message>
    <message>
        <source>Expected: {expected}.</source>
        <translation>Era esperado: {expected}.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamanho</translation>
    </message>
    <message>
        <source>{rate:g} pictures a second</source>
        <translation>{rate:g} imagens por segundo</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Taxa</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Formato</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Duração</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Imagens</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Ao vivo</translation>
    </message>
    <message>
        <source>It streams already</source>
        <translation>Já está em execução</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Procurando…</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Câmeras</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Telas</translation>
    </message>
    <message>
        <source>The camera&apos;s own</source>
        <translation>O da câmera</translation>
    </message>
    <message>
        <source>15 a second (usual)</source>
        <translation>15 por segundo (habitual)</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Atualizar</translation>
    </message>
    <message>
        <source>Look again for what is there</source>
        <translation>Procurar de novo o que há</translation>
    </message>
    <message>
        <source>Size of the picture</source>
        <translation>Tamanho da imagem</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>Imagens por segundo</translation>
    </message>
    <message>
        <source>Mirror left and right</source>
        <translation>Espelhar esquerda e direita</translation>
    </message>
    <message>
        <source>Best up to 1920 × 1080</source>
        <translation>O melhor até 1920 × 1080</translation>
    </message>
    <message>
        <source>{rate:g} a second</source>
        <translation>{rate:g} por segundo</translation>
    </message>
    <message>
        <source>Video or picture…</source>
        <translation>Vídeo ou imagem…</translation>
    </message>
    <message>
        <source>Folder of pictures…</source>
        <translation>Pasta de imagens…</translation>
    </message>
    <message>
        <source>Opened lately</source>
        <translation>Abertos recentemente</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Arquivo</translation>
    </message>
    <message>
        <source>Choose a video or picture</source>
        <translation>Escolher um vídeo ou uma imagem</translation>
    </message>
    <message>
        <source>Choose a folder of pictures</source>
        <translation>Escolher uma pasta de imagens</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Endereço</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Usuário</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Senha</translation>
    </message>
    <message>
        <source>Passwords are kept in the keyring of the system, never in a file.</source>
        <translation>As senhas ficam no chaveiro do sistema, nunca em um arquivo.</translation>
    </message>
    <message>
        <source>A bottling line that is part of the program, with a model for it. The scene knows what it shows, so you see how right the model is.</source>
        <translation>Uma linha de engarrafamento que faz parte do programa, com um modelo para ela. A cena sabe o que mostra, então se vê o quanto o modelo acerta.</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>Procurando</translation>
    </message>
    <message>
        <source>Videos and pictures</source>
        <translation>Vídeos e imagens</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Todos os arquivos</translation>
    </message>
    <message>
        <source>Open a source</source>
        <translation>Abrir uma fonte</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>for {tile}</source>
        <translation>para {tile}</translation>
    </message>
    <message>
        <source>Kind of source</source>
        <translation>Tipo de fonte</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Câmera</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Tela</translation>
    </message>
    <message>
        <source>Trying it out</source>
        <translation>Teste em curso</translation>
    </message>
    <message>
        <source>Try it out</source>
        <translation>Testar</translation>
    </message>
    <message>
        <source>Stop trying</source>
        <translation>Parar teste</translation>
    </message>
    <message>
        <source>What you choose is tried out here</source>
        <translation>O que você escolher é testado aqui</translation>
    </message>
    <message>
        <source>First picture</source>
        <translation>Primeira imagem</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Empty</source>
        <translation>Vazio</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Parado</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Conectando</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Ao vivo</translation>
    </message>
    <message>
        <source>Playing</source>
        <translation>Reproduzindo</translation>
    </message>
    <message>
        <source>Still picture</source>
        <translation>Imagem fixa</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Em pausa</translation>
    </message>
    <message>
        <source>Reconnecting</source>
        <translation>Reconectando</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Terminado</translation>
    </message>
    <message>
        <source>Not running</source>
        <translation>Não funciona</translation>
    </message>
    <message>
        <source>{seconds:.1f} s old</source>
        <translation>há {seconds:.1f} s</translation>
    </message>
    <message>
        <source>Picture is {age} old</source>
        <translation>A imagem é de {age} atrás</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
        <source>The source failed.</source>
        <translation>A fonte falhou.</translation>
    </message>
    <message>
        <source>This source wants a password.</source>
        <translation>Esta fonte pede uma senha.</translation>
    </message>
    <message>
        <source>This source wants a password: {why}.</source>
        <translation>Esta fonte pede uma senha: {why}.</translation>
    </message>
    <message>
        <source>The model failed: {why}. The video goes on.</source>
        <translation>O modelo falhou: {why}. O vídeo continua.</translation>
    </message>
    <message>
        <source>The model could not be changed: {why}. What ran before goes on.</source>
        <translation>O modelo não pôde ser trocado: {why}. Continua o que estava em execução.</translation>
    </message>
    <message>
        <source>no picture comes</source>
        <translation>não chegam imagens</translation>
    </message>
    <message>
        <source>No new picture: {why}</source>
        <translation>Sem imagem nova: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}</source>
        <translation>Reconectando, tentativa {attempt}: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}, next in {seconds:.0f} s</source>
        <translation>Reconectando, tentativa {attempt}: {why}, a próxima em {seconds:.0f} s</translation>
    </message>
    <message>
        <source>Model: {phase}, {seconds:.0f} s</source>
        <translation>Modelo: {phase}, {seconds:.0f} s</translation>
    </message>
    <message>
        <source>No source</source>
        <translation>Sem fonte</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>Demo: linha de engarrafamento</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>Câmera {number}</translation>
    </message>
    <message>
        <source>Password…</source>
        <translation>Senha…</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Tentar agora</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Tentar de novo</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>Escolher uma fonte…</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Carregar de novo</translation>
    </message>
    <message>
        <source>How far the model is</source>
        <translation>Progresso do modelo</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Stop loading; what ran before goes on.</source>
        <translation>Parar o carregamento; continua o que estava em execução.</translation>
    </message>
    <message>
        <source>Drop a video or a model here</source>
        <translation>Solte aqui um vídeo ou um modelo</translation>
    </message>
    <message>
        <source>A camera, a video, an address, the screen or the demo.</source>
        <translation>Uma câmera, um vídeo, um endereço, a tela ou a demo.</translation>
    </message>
    <message>
        <source>found {seconds:.1f} s before this picture</source>
        <translation>detectado {seconds:.1f} s antes desta imagem</translation>
    </message>
    <message>
        <source>Empty tile</source>
        <translation>Visor vazio</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Camera</source>
        <translation>Câmera</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Sem modelo</translation>
    </message>
    <message>
        <source>Only the pictures</source>
        <translation>Só as imagens</translation>
    </message>
    <message>
        <source>Finishing {percent} %</source>
        <translation>Finalizando {percent}%</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Fonte</translation>
    </message>
    <message>
        <source>Where the pictures come from</source>
        <translation>De onde vêm as imagens</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>Escolher uma fonte…</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>What analyses the pictures</source>
        <translation>O que analisa as imagens</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Abrir um arquivo…</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Backend</translation>
    </message>
    <message>
        <source>The program that runs the model</source>
        <translation>O programa que executa o modelo</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>The hardware that runs the model</source>
        <translation>O hardware que executa o modelo</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisão</translation>
    </message>
    <message>
        <source>The number format that the model is computed in</source>
        <translation>O formato numérico em que o modelo é calculado</translation>
    </message>
    <message>
        <source>Changes are for</source>
        <translation>Mudanças para</translation>
    </message>
    <message>
        <source>Whether the bar acts on the selected tile or on all</source>
        <translation>Se a barra age no visor selecionado ou em todos</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Parar</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Iniciar</translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation>Terminar a gravação</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Gravar</translation>
    </message>
    <message>
        <source>This tile</source>
        <translation>Este visor</translation>
    </message>
    <message>
        <source>All tiles</source>
        <translation>Todos</translation>
    </message>
</context>
<context>
    <name>Traces</name>
    <message>
        <source>Capture</source>
        <translation>Aquisição</translation>
    </message>
    <message>
        <source>Inference</source>
        <translation>Inferência</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Exibição</translation>
    </message>
    <message>
        <source>All causes</source>
        <translation>Todas as causas</translation>
    </message>
    <message>
        <source>Newest frame</source>
        <translation>O mais recente</translation>
    </message>
    <message>
        <source>This program</source>
        <translation>Este programa</translation>
    </message>
    <message>
        <source>frames per second</source>
        <translation>por segundo</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Taxa de quadros</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latência</translation>
    </message>
    <message>
        <source>ms by stage</source>
        <translation>ms por etapa</translation>
    </message>
    <message>
        <source>Age of the frame</source>
        <translation>Idade do quadro</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>Descartados</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Processador</translation>
    </message>
    <message>
        <source>% of all cores</source>
        <translation>% de todos os núcleos</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Memória</translation>
    </message>
    <message>
        <source>Compared with what the demo really shows, over the last two seconds: precision is how much of what was found is right, recall is how much of what is there was found.</source>
        <translation>Em comparação com o que a demo realmente mostra, nos últimos dois segundos: a precisão é quanto do detectado está certo; a cobertura (recall) é quanto do que existe foi detectado.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisão</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Cobertura</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Acurácia</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Fila</translation>
    </message>
    <message>
        <source>Preprocess</source>
        <translation>Preparação</translation>
    </message>
    <message>
        <source>Infer</source>
        <translation>Inferir</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>Decodificar</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Desenhar</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>Total</translation>
    </message>
    <message>
        <source>A newer frame came first</source>
        <translation>Um quadro mais novo chegou antes</translation>
    </message>
    <message>
        <source>Above your limit of frames</source>
        <translation>Acima do seu limite de quadros</translation>
    </message>
    <message>
        <source>No model was ready</source>
        <translation>Nenhum modelo estava pronto</translation>
    </message>
    <message>
        <source>Seek, loop or stop</source>
        <translation>Salto, repetição ou parada</translation>
    </message>
    <message>
        <source>Result came too late</source>
        <translation>O resultado chegou tarde demais</translation>
    </message>
    <message>
        <source>The model failed</source>
        <translation>O modelo falhou</translation>
    </message>
    <message>
        <source>The model did not answer</source>
        <translation>O modelo não respondeu</translation>
    </message>
    <message>
        <source>No results in this time.</source>
        <translation>Nenhum resultado neste tempo.</translation>
    </message>
    <message>
        <source>{count} results. Total: median {p50}, 95 % within {p95}, 99 % within {p99} ms.</source>
        <translation>{count} resultados. Total: mediana {p50}, 95% em até {p95}, 99% em até {p99} ms.</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>quadros</translation>
    </message>
    <message>
        <source>No frame was dropped in this time.</source>
        <translation>Nenhum quadro foi descartado neste tempo.</translation>
    </message>
    <message>
        <source>All {count} tiles together</source>
        <translation>Os {count} visores juntos</translation>
    </message>
    <message>
        <source>Saving the traces</source>
        <translation>Salvamento das curvas</translation>
    </message>
    <message>
        <source>Traces</source>
        <translation>Curvas</translation>
    </message>
    <message>
        <source>{seconds} s until {time}</source>
        <translation>{seconds} s até {time}</translation>
    </message>
    <message>
        <source>Turn the wheel to zoom, drag to move, double-click to follow the present again.</source>
        <translation>Gire a roda para ampliar, arraste para mover, clique duas vezes para seguir de novo o presente.</translation>
    </message>
    <message>
        <source>now</source>
        <translation>agora</translation>
    </message>
    <message>
        <source>here</source>
        <translation>aqui</translation>
    </message>
    <message>
        <source>Length of time</source>
        <translation>Intervalo de tempo</translation>
    </message>
    <message>
        <source>How much time the plots show.</source>
        <translation>Quanto tempo os gráficos mostram.</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} min</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} s</translation>
    </message>
    <message>
        <source>Choose the plots</source>
        <translation>Escolher os gráficos</translation>
    </message>
    <message>
        <source>Save as a picture (PNG)…</source>
        <translation>Salvar como imagem (PNG)…</translation>
    </message>
    <message>
        <source>Save as a table (CSV)…</source>
        <translation>Salvar como tabela (CSV)…</translation>
    </message>
    <message>
        <source>Save the traces</source>
        <translation>Salvar as curvas</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Ao vivo</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>Congelar</translation>
    </message>
    <message>
        <source>Follow the present again.</source>
        <translation>Seguir de novo o presente.</translation>
    </message>
    <message>
        <source>Hold the plots; measuring goes on.</source>
        <translation>Congelar os gráficos; a medição continua.</translation>
    </message>
    <message>
        <source>PNG picture</source>
        <translation>Imagem PNG</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>Tabela CSV</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} salvo</translation>
    </message>
    <message>
        <source>Held at {time}</source>
        <translation>Congelado às {time}</translation>
    </message>
</context>
<context>
    <name>Transport</name>
    <message>
        <source>{frame} of {frames:,}</source>
        <translation>{frame} de {frames:,}</translation>
    </message>
    <message>
        <source>Place in the file</source>
        <translation>Posição no arquivo</translation>
    </message>
    <message>
        <source>Drag to go to another place in the file.</source>
        <translation>Arraste para ir a outra posição do arquivo.</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Quadro anterior</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Reproduzir</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Próximo quadro</translation>
    </message>
    <message>
        <source>Begin again at the end</source>
        <translation>Recomeçar ao chegar ao fim</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidade</translation>
    </message>
    <message>
        <source>How a file is analysed</source>
        <translation>Como um arquivo é analisado</translation>
    </message>
    <message>
        <source>Which picture is shown</source>
        <translation>Qual imagem é mostrada</translation>
    </message>
    <message>
        <source>Frames analysed a second, at most</source>
        <translation>Quadros analisados por segundo, no máximo</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausar</translation>
    </message>
    <message>
        <source>Real time</source>
        <translation>Tempo real</translation>
    </message>
    <message>
        <source>Every frame</source>
        <translation>Cada quadro</translation>
    </message>
    <message>
        <source>In step</source>
        <translation>Exata</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>Fluida</translation>
    </message>
    <message>
        <source>All frames</source>
        <translation>Todos</translation>
    </message>
    <message>
        <source>{rate:g} a second</source>
        <translation>{rate:g} por segundo</translation>
    </message>
</context>
</TS>
