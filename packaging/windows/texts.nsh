; What the installer says in its own words, in each language it has. The rest is NSIS's own translation.

LangString IT_RUNS ${LANG_ENGLISH} "Inferoscope is running. Close it, then try again."
LangString IT_RUNS ${LANG_SPANISH} "Inferoscope está abierto. Ciérrelo e inténtelo de nuevo."
LangString IT_RUNS ${LANG_PORTUGUESEBR} "O Inferoscope está aberto. Feche-o e tente novamente."
LangString IT_RUNS ${LANG_JAPANESE} "Inferoscope が実行中です。終了してから、もう一度お試しください。"

LangString TOO_OLD ${LANG_ENGLISH} "Inferoscope needs Windows 10 (version 1809) or newer, 64 bit."
LangString TOO_OLD ${LANG_SPANISH} "Inferoscope necesita Windows 10 (versión 1809) o posterior, de 64 bits."
LangString TOO_OLD ${LANG_PORTUGUESEBR} "O Inferoscope precisa do Windows 10 (versão 1809) ou mais recente, de 64 bits."
LangString TOO_OLD ${LANG_JAPANESE} "Inferoscope には 64 ビット版の Windows 10 (バージョン 1809) 以降が必要です。"

LangString ONNX_MODEL ${LANG_ENGLISH} "ONNX model"
LangString ONNX_MODEL ${LANG_SPANISH} "Modelo ONNX"
LangString ONNX_MODEL ${LANG_PORTUGUESEBR} "Modelo ONNX"
LangString ONNX_MODEL ${LANG_JAPANESE} "ONNX モデル"

LangString REMOVE_DATA ${LANG_ENGLISH} "Remove your settings, sessions, models and their variants as well?$\r$\n$\r$\nChoose No to keep them for a later installation."
LangString REMOVE_DATA ${LANG_SPANISH} "¿Quitar también sus ajustes, sesiones, modelos y las variantes de estos?$\r$\n$\r$\nElija No para conservarlos para una instalación posterior."
LangString REMOVE_DATA ${LANG_PORTUGUESEBR} "Remover também suas configurações, sessões, modelos e as variantes deles?$\r$\n$\r$\nEscolha Não para mantê-los para uma instalação posterior."
LangString REMOVE_DATA ${LANG_JAPANESE} "設定、セッション、モデルとその派生版も削除しますか?$\r$\n$\r$\n今後のインストールのために残す場合は「いいえ」を選んでください。"
