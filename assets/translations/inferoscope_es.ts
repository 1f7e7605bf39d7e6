<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es">
<context>
    <name>About</name>
    <message>
        <source>About Inferoscope</source>
        <translation>Acerca de Inferoscope</translation>
    </message>
    <message>
        <source>An oscilloscope for vision models.</source>
        <translation>Un osciloscopio para modelos de visión.</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Versión {version}</translation>
    </message>
    <message>
        <source>Licence: Apache 2.0. Qt is used under the LGPL 3.0: its libraries lie beside the program as files of their own and may be replaced.</source>
        <translation>Licencia: Apache 2.0. Qt se usa bajo la LGPL 3.0: sus bibliotecas están junto al programa como archivos aparte y pueden reemplazarse.</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>Hecho con</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Licencias</translation>
    </message>
    <message>
        <source>The licences of everything that Inferoscope is made of</source>
        <translation>Las licencias de todo aquello de lo que está hecho Inferoscope</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Archivo</translation>
    </message>
    <message>
        <source>Open &amp;source…</source>
        <translation>Abrir &amp;fuente…</translation>
    </message>
    <message>
        <source>Choose a camera, a file, an address or a screen for the selected tile.</source>
        <translation>Elegir una cámara, un archivo, una dirección o una pantalla para el visor seleccionado.</translation>
    </message>
    <message>
        <source>Open &amp;model…</source>
        <translation>Abrir &amp;modelo…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file for the selected tile.</source>
        <translation>Elegir un archivo ONNX u OpenVINO para el visor seleccionado.</translation>
    </message>
    <message>
        <source>Add a &amp;tile…</source>
        <translation>Aña&amp;dir un visor…</translation>
    </message>
    <message>
        <source>Open one more source beside the others.</source>
        <translation>Abrir otra fuente junto a las demás.</translation>
    </message>
    <message>
        <source>Re&amp;name the tile…</source>
        <translation>Camb&amp;iar el nombre del visor…</translation>
    </message>
    <message>
        <source>Give the selected tile a name of your own.</source>
        <translation>Dar un nombre propio al visor seleccionado.</translation>
    </message>
    <message>
        <source>&amp;Close the tile</source>
        <translation>&amp;Cerrar el visor</translation>
    </message>
    <message>
        <source>Stop the selected tile and remove it.</source>
        <translation>Detener el visor seleccionado y quitarlo.</translation>
    </message>
    <message>
        <source>Open a s&amp;ession…</source>
        <translation>Abrir una s&amp;esión…</translation>
    </message>
    <message>
        <source>Go on with tiles, models and thresholds that were saved as a file.</source>
        <translation>Continuar con los visores, modelos y umbrales guardados en un archivo.</translation>
    </message>
    <message>
        <source>Save the sessi&amp;on as…</source>
        <translation>&amp;Guardar la sesión como…</translation>
    </message>
    <message>
        <source>Save tiles, models and thresholds as a file.</source>
        <translation>Guardar visores, modelos y umbrales en un archivo.</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Salir</translation>
    </message>
    <message>
        <source>End the program.</source>
        <translation>Cerrar el programa.</translation>
    </message>
    <message>
        <source>&amp;Stream</source>
        <translation>&amp;Flujo</translation>
    </message>
    <message>
        <source>Start or s&amp;top</source>
        <translation>&amp;Iniciar o detener</translation>
    </message>
    <message>
        <source>Start the selected stream, or stop it.</source>
        <translation>Iniciar el flujo seleccionado o detenerlo.</translation>
    </message>
    <message>
        <source>St&amp;art all</source>
        <translation>Ini&amp;ciar todos</translation>
    </message>
    <message>
        <source>Start every stream that does not run.</source>
        <translation>Iniciar todos los flujos que no están en marcha.</translation>
    </message>
    <message>
        <source>Stop a&amp;ll</source>
        <translation>De&amp;tener todos</translation>
    </message>
    <message>
        <source>Stop every stream.</source>
        <translation>Detener todos los flujos.</translation>
    </message>
    <message>
        <source>&amp;Play or pause</source>
        <translation>&amp;Reproducir o pausar</translation>
    </message>
    <message>
        <source>Hold the picture of a file, or go on.</source>
        <translation>Parar la imagen de un archivo o continuar.</translation>
    </message>
    <message>
        <source>Next &amp;frame</source>
        <translation>Fotograma &amp;siguiente</translation>
    </message>
    <message>
        <source>Hold the picture and show the next frame.</source>
        <translation>Parar la imagen y mostrar el fotograma siguiente.</translation>
    </message>
    <message>
        <source>Pre&amp;vious frame</source>
        <translation>Fotograma &amp;anterior</translation>
    </message>
    <message>
        <source>Hold the picture and show the frame before.</source>
        <translation>Parar la imagen y mostrar el fotograma anterior.</translation>
    </message>
    <message>
        <source>Forward five seconds</source>
        <translation>Avanzar cinco segundos</translation>
    </message>
    <message>
        <source>Go five seconds further in a file.</source>
        <translation>Avanzar cinco segundos en un archivo.</translation>
    </message>
    <message>
        <source>Back five seconds</source>
        <translation>Retroceder cinco segundos</translation>
    </message>
    <message>
        <source>Go five seconds back in a file.</source>
        <translation>Retroceder cinco segundos en un archivo.</translation>
    </message>
    <message>
        <source>&amp;Snapshot</source>
        <translation>Insta&amp;ntánea</translation>
    </message>
    <message>
        <source>Save the picture of the selected tile.</source>
        <translation>Guardar la imagen del visor seleccionado.</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>&amp;Grabar</translation>
    </message>
    <message>
        <source>Begin to record the selected tile, or end it.</source>
        <translation>Empezar a grabar el visor seleccionado o terminar.</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ver</translation>
    </message>
    <message>
        <source>&amp;Live</source>
        <translation>En &amp;vivo</translation>
    </message>
    <message>
        <source>Pictures and traces.</source>
        <translation>Imágenes y trazas.</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelos</translation>
    </message>
    <message>
        <source>Your models, and models to download.</source>
        <translation>Sus modelos y modelos para descargar.</translation>
    </message>
    <message>
        <source>&amp;Optimise</source>
        <translation>&amp;Optimizar</translation>
    </message>
    <message>
        <source>Make a model smaller and faster, and see what that costs.</source>
        <translation>Hacer un modelo más pequeño y más rápido, y ver cuánto cuesta.</translation>
    </message>
    <message>
        <source>S&amp;ettings</source>
        <translation>A&amp;justes</translation>
    </message>
    <message>
        <source>Everything that can be chosen about the program.</source>
        <translation>Todo lo que se puede elegir en el programa.</translation>
    </message>
    <message>
        <source>Show &amp;what was found</source>
        <translation>Mostrar lo &amp;detectado</translation>
    </message>
    <message>
        <source>Draw boxes, masks and labels over the pictures, or hide them.</source>
        <translation>Dibujar cajas, máscaras y etiquetas sobre las imágenes, u ocultarlas.</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>Pantalla &amp;completa</translation>
    </message>
    <message>
        <source>Nothing but the pictures; Escape leads back.</source>
        <translation>Solo las imágenes; Escape para volver.</translation>
    </message>
    <message>
        <source>Enlar&amp;ge the tile</source>
        <translation>Agra&amp;ndar el visor</translation>
    </message>
    <message>
        <source>Let the selected tile fill the picture area, or show all again.</source>
        <translation>Mostrar solo el visor seleccionado en toda el área de imágenes, o todos de nuevo.</translation>
    </message>
    <message>
        <source>&amp;Next tile</source>
        <translation>Visor &amp;siguiente</translation>
    </message>
    <message>
        <source>Select the next tile.</source>
        <translation>Seleccionar el visor siguiente.</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>&amp;Acercar</translation>
    </message>
    <message>
        <source>Show a smaller part of the picture, larger.</source>
        <translation>Mostrar una parte menor de la imagen, más grande.</translation>
    </message>
    <message>
        <source>&amp;Zoom out</source>
        <translation>A&amp;lejar</translation>
    </message>
    <message>
        <source>Show a larger part of the picture, smaller.</source>
        <translation>Mostrar una parte mayor de la imagen, más pequeña.</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>Aj&amp;ustar</translation>
    </message>
    <message>
        <source>Show the whole picture.</source>
        <translation>Mostrar la imagen completa.</translation>
    </message>
    <message>
        <source>Model &amp;panel</source>
        <translation>&amp;Panel del modelo</translation>
    </message>
    <message>
        <source>Show or hide the panel beside the pictures.</source>
        <translation>Mostrar u ocultar el panel junto a las imágenes.</translation>
    </message>
    <message>
        <source>&amp;Traces</source>
        <translation>&amp;Trazas</translation>
    </message>
    <message>
        <source>Show or hide the traces below the pictures.</source>
        <translation>Mostrar u ocultar las trazas bajo las imágenes.</translation>
    </message>
    <message>
        <source>Pro&amp;blems</source>
        <translation>Pro&amp;blemas</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it.</source>
        <translation>Qué falló y qué se puede hacer.</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>A&amp;yuda</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>Probar la &amp;demo</translation>
    </message>
    <message>
        <source>Play the demo that comes with the program, in an empty tile or a new one.</source>
        <translation>Reproducir la demo incluida en el programa, en un visor vacío o en uno nuevo.</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>&amp;Manual</translation>
    </message>
    <message>
        <source>How to use the program, and what each message means.</source>
        <translation>Cómo se usa el programa y qué significa cada mensaje.</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>Atajos de &amp;teclado</translation>
    </message>
    <message>
        <source>All shortcuts on one page.</source>
        <translation>Todos los atajos en una página.</translation>
    </message>
    <message>
        <source>Open the &amp;log folder</source>
        <translation>Abrir la carpeta de re&amp;gistros</translation>
    </message>
    <message>
        <source>Where the program writes down what it did.</source>
        <translation>Donde el programa anota lo que hizo.</translation>
    </message>
    <message>
        <source>Save d&amp;iagnostics…</source>
        <translation>Guardar d&amp;iagnóstico…</translation>
    </message>
    <message>
        <source>Save what others need to help, without names, folders and passwords.</source>
        <translation>Guardar lo que otros necesitan para ayudar, sin nombres, carpetas ni contraseñas.</translation>
    </message>
    <message>
        <source>&amp;About Inferoscope</source>
        <translation>&amp;Acerca de Inferoscope</translation>
    </message>
    <message>
        <source>Version and licences.</source>
        <translation>Versión y licencias.</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Cancel loading; what ran before goes on</source>
        <translation>Cancelar la carga; sigue lo que estaba en marcha</translation>
    </message>
    <message>
        <source>Cancel loading</source>
        <translation>Cancelar la carga</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>Progreso de la carga</translation>
    </message>
    <message>
        <source>What really runs</source>
        <translation>Lo que se ejecuta realmente</translation>
    </message>
    <message>
        <source>What really runs: {words}</source>
        <translation>Lo que se ejecuta realmente: {words}</translation>
    </message>
    <message>
        <source>What really runs, as the runtime tells it. Click for the whole report.</source>
        <translation>Lo que se ejecuta realmente, según el motor de inferencia. Haga clic para ver el informe completo.</translation>
    </message>
    <message>
        <source>Execution report</source>
        <translation>Informe de ejecución</translation>
    </message>
</context>
<context>
    <name>CheatSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atajos de teclado</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source> or </source>
        <translation> o </translation>
    </message>
</context>
<context>
    <name>Correction</name>
    <message>
        <source>Decides how the numbers that the model gives are read.</source>
        <translation>Decide cómo se leen los números que da el modelo.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>desconocida</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Familia</translation>
    </message>
    <message>
        <source>The file fixes it.</source>
        <translation>El archivo lo fija.</translation>
    </message>
    <message>
        <source>Reading the class names</source>
        <translation>Lectura de los nombres de las clases</translation>
    </message>
    <message>
        <source>Keeping the correction</source>
        <translation>Guardado de la corrección</translation>
    </message>
    <message>
        <source>Forgetting the correction</source>
        <translation>Borrado de la corrección</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Lectura del modelo</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>Identificación del modelo</translation>
    </message>
    <message>
        <source>Start the stream to see a preview.</source>
        <translation>Inicie el flujo para ver una vista previa.</translation>
    </message>
    <message>
        <source>it was not recognised</source>
        <translation>no se reconoció</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>falló</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>Análisis de la imagen</translation>
    </message>
    <message>
        <source>Now: {now}. Before: {before}.</source>
        <translation>Ahora: {now}. Antes: {before}.</translation>
    </message>
    <message>
        <source>Their number is not known.</source>
        <translation>Se desconoce cuántas son.</translation>
    </message>
    <message>
        <source>Now {count}, from {source}: {names} …</source>
        <translation>Ahora {count}, de {source}: {names} …</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Width x height of the picture that the model is given, in pixels.</source>
        <translation>Ancho x alto de la imagen que recibe el modelo, en píxeles.</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Lote</translation>
    </message>
    <message>
        <source>Pictures in one run.</source>
        <translation>Imágenes por ejecución.</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Ajuste</translation>
    </message>
    <message>
        <source>How a picture of another shape gets into that size.</source>
        <translation>Cómo se lleva a ese tamaño una imagen de otras proporciones.</translation>
    </message>
    <message>
        <source>Border</source>
        <translation>Borde</translation>
    </message>
    <message>
        <source>Colour round a letterboxed picture, 0 to 255: one number, or blue, green, red.</source>
        <translation>Color alrededor de una imagen con bandas, de 0 a 255: un número, o azul, verde, rojo.</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Colores</translation>
    </message>
    <message>
        <source>Order of the colours that the model expects.</source>
        <translation>Orden de los colores que espera el modelo.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Media</translation>
    </message>
    <message>
        <source>Taken away from each pixel (0 to 255): one number, or one for each colour.</source>
        <translation>Se resta de cada píxel (0 a 255): un número, o uno por color.</translation>
    </message>
    <message>
        <source>Divisor</source>
        <translation>Divisor</translation>
    </message>
    <message>
        <source>Each pixel is divided by it afterwards; 255 makes 0 to 1, 1 leaves 0 to 255.</source>
        <translation>Después, cada píxel se divide por él: 255 da de 0 a 1; 1 deja de 0 a 255.</translation>
    </message>
    <message>
        <source>Number of classes</source>
        <translation>Número de clases</translation>
    </message>
    <message>
        <source>Scores for each box.</source>
        <translation>Puntuaciones por caja.</translation>
    </message>
    <message>
        <source>A row for each box</source>
        <translation>Una fila por caja</translation>
    </message>
    <message>
        <source>On: boxes are rows of the output. Off: boxes are columns.</source>
        <translation>Sí: las cajas son filas de la salida. No: las cajas son columnas.</translation>
    </message>
    <message>
        <source>Boxes relative to the grid</source>
        <translation>Cajas relativas a la cuadrícula</translation>
    </message>
    <message>
        <source>On: boxes are offsets from cells of a grid. Off: boxes are in pixels already.</source>
        <translation>Sí: las cajas son desplazamientos desde las celdas de una cuadrícula. No: ya están en píxeles.</translation>
    </message>
    <message>
        <source>Strides</source>
        <translation>Pasos (strides)</translation>
    </message>
    <message>
        <source>Pixels between neighbouring cells of each grid, with commas.</source>
        <translation>Píxeles entre celdas vecinas de cada cuadrícula, separados por comas.</translation>
    </message>
    <message>
        <source>Steps of a box side</source>
        <translation>Niveles de un lado de la caja</translation>
    </message>
    <message>
        <source>Largest value of the distribution that a side of a box is read from (reg_max).</source>
        <translation>Valor máximo de la distribución de la que se lee un lado de la caja (reg_max).</translation>
    </message>
    <message>
        <source>Scores are logits</source>
        <translation>Las puntuaciones son logits</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a sigmoid.</source>
        <translation>Sí: una sigmoide aún tiene que llevar las puntuaciones a 0–1.</translation>
    </message>
    <message>
        <source>Count from the centre of a cell</source>
        <translation>Contar desde el centro de la celda</translation>
    </message>
    <message>
        <source>On: boxes count from the centre of a cell. Off: from its corner, as in NanoDet-Plus.</source>
        <translation>Sí: las cajas se cuentan desde el centro de una celda. No: desde su esquina, como en NanoDet-Plus.</translation>
    </message>
    <message>
        <source>Number of the first class</source>
        <translation>Número de la primera clase</translation>
    </message>
    <message>
        <source>1 where the model counts its classes from 1, or has a background class before them.</source>
        <translation>1 si el modelo cuenta sus clases desde 1 o tiene antes una clase de fondo.</translation>
    </message>
    <message>
        <source>Boxes from 0 to 1</source>
        <translation>Cajas de 0 a 1</translation>
    </message>
    <message>
        <source>On: boxes are shares of the picture. Off: they are pixels.</source>
        <translation>Sí: las cajas son fracciones de la imagen. No: son píxeles.</translation>
    </message>
    <message>
        <source>Last class is “no object”</source>
        <translation>La última clase es «ningún objeto»</translation>
    </message>
    <message>
        <source>On: the last class means that there is nothing, as in DETR.</source>
        <translation>Sí: la última clase significa que no hay nada, como en DETR.</translation>
    </message>
    <message>
        <source>Order in a box</source>
        <translation>Orden dentro de la caja</translation>
    </message>
    <message>
        <source>Which number of a box is which.</source>
        <translation>Qué número de la caja es cuál.</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>Puntos clave</translation>
    </message>
    <message>
        <source>Keypoints of each object.</source>
        <translation>Puntos clave de cada objeto.</translation>
    </message>
    <message>
        <source>Numbers of a keypoint</source>
        <translation>Números de un punto clave</translation>
    </message>
    <message>
        <source>2: x and y. 3: a score as well.</source>
        <translation>2: x e y. 3: también una puntuación.</translation>
    </message>
    <message>
        <source>Outputs are logits</source>
        <translation>Las salidas son logits</translation>
    </message>
    <message>
        <source>On: scores still have to be made 0 to 1 by a softmax.</source>
        <translation>Sí: un softmax aún tiene que llevar las puntuaciones a 0–1.</translation>
    </message>
    <message>
        <source>Outputs are class numbers</source>
        <translation>Las salidas son números de clase</translation>
    </message>
    <message>
        <source>On: each pixel already has the number of its class. Off: it has scores.</source>
        <translation>Sí: cada píxel ya tiene el número de su clase. No: tiene puntuaciones.</translation>
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
        <translation>Corregir el modelo</translation>
    </message>
    <message>
        <source>One name on each line</source>
        <translation>Un nombre por línea</translation>
    </message>
    <message>
        <source>Class names</source>
        <translation>Nombres de las clases</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>De un archivo…</translation>
    </message>
    <message>
        <source>Use these settings</source>
        <translation>Usar estos ajustes</translation>
    </message>
    <message>
        <source>Forget the correction</source>
        <translation>Olvidar la corrección</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Por qué</translation>
    </message>
    <message>
        <source>Class names (*.txt *.names *.json *.yaml *.yml *.labels);;All files (*)</source>
        <translation>Nombres de clases (*.txt *.names *.json *.yaml *.yml *.labels);;Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vista previa</translation>
    </message>
    <message>
        <source>Take a new picture</source>
        <translation>Tomar otra imagen</translation>
    </message>
    <message>
        <source>Look at what the stream shows now.</source>
        <translation>Usar lo que el flujo muestra ahora.</translation>
    </message>
    <message>
        <source>Take what the program found.</source>
        <translation>Volver a lo que encontró el programa.</translation>
    </message>
    <message>
        <source>Take back: {title}</source>
        <translation>Restablecer: {title}</translation>
    </message>
</context>
<context>
    <name>Diagnostics</name>
    <message>
        <source>Collecting diagnostics: {phase}</source>
        <translation>Recopilación del diagnóstico: {phase}</translation>
    </message>
    <message>
        <source>Saved as {name}. Names, folders, passwords and cameras were replaced; look through it before you send it.</source>
        <translation>Guardado como {name}. Se reemplazaron nombres, carpetas, contraseñas y cámaras; revíselo antes de enviarlo.</translation>
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
        <translation>inicio</translation>
    </message>
    <message>
        <source>files and folders</source>
        <translation>archivos y carpetas</translation>
    </message>
    <message>
        <source>videos and pictures</source>
        <translation>vídeos e imágenes</translation>
    </message>
    <message>
        <source>cameras</source>
        <translation>cámaras</translation>
    </message>
    <message>
        <source>names to be replaced</source>
        <translation>nombres que se reemplazan</translation>
    </message>
    <message>
        <source>writing the archive</source>
        <translation>escritura del archivo comprimido</translation>
    </message>
    <message>
        <source>Inferoscope did not end properly last time ({time}). A report is kept on this computer.</source>
        <translation>Inferoscope no se cerró correctamente la última vez ({time}). Hay un informe en este equipo.</translation>
    </message>
    <message>
        <source>Inferoscope made a mistake last time ({time}). A report is kept on this computer.</source>
        <translation>Inferoscope cometió un error la última vez ({time}). Hay un informe en este equipo.</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progreso</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Mostrar la carpeta</translation>
    </message>
    <message>
        <source>Save diagnostics…</source>
        <translation>Guardar diagnóstico…</translation>
    </message>
    <message>
        <source>Skip the self-test</source>
        <translation>Omitir la autocomprobación</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Descartar</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>Descartar el mensaje</translation>
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
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Abrir un modelo</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>Abrir una sesión</translation>
    </message>
    <message>
        <source>Session.json</source>
        <translation>Sesión.json</translation>
    </message>
    <message>
        <source>Save the session as</source>
        <translation>Guardar la sesión como</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>Archivos comprimidos (*.zip)</translation>
    </message>
    <message>
        <source>Save diagnostics as</source>
        <translation>Guardar el diagnóstico como</translation>
    </message>
    <message>
        <source>Rename the tile</source>
        <translation>Cambiar el nombre del visor</translation>
    </message>
    <message>
        <source>Name of the tile; leave it empty for its usual name:</source>
        <translation>Nombre del visor; déjelo vacío para usar el habitual:</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Cambiar</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Sessions (*.json)</source>
        <translation>Sesiones (*.json)</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source> and {outputs} more</source>
        <translation> y {outputs} más</translation>
    </message>
    <message>
        <source> of the {promised_s} s that its header promises</source>
        <translation> de los {promised_s} s que promete su cabecera</translation>
    </message>
    <message>
        <source>(no shape)</source>
        <translation>(sin forma)</translation>
    </message>
    <message>
        <source>, agreement {agreement}</source>
        <translation>, concordancia {agreement}</translation>
    </message>
    <message>
        <source>.mp4 (fast) or .webm (for browsers)</source>
        <translation>.mp4 (rápido) o .webm (para navegadores)</translation>
    </message>
    <message>
        <source>2 GB at most</source>
        <translation>2 GB como máximo</translation>
    </message>
    <message>
        <source>92 logits are the 91 numbers of COCO and no object</source>
        <translation>92 logits son los 91 números de COCO y ningún objeto</translation>
    </message>
    <message>
        <source>; it ends after {frames} pictures, {length_s} s{promise}</source>
        <translation>; termina tras {frames} imágenes, {length_s} s{promise}</translation>
    </message>
    <message>
        <source>A 16-bit picture uses {depth_bits} bits only: its full scale is taken to be that</source>
        <translation>Una imagen de 16 bits usa solo {depth_bits} bits: se toman como su escala completa</translation>
    </message>
    <message>
        <source>A TensorRT engine runs on one GPU only: load the ONNX file that it was built from</source>
        <translation>Un motor TensorRT funciona en una sola GPU: cargue el archivo ONNX del que se creó</translation>
    </message>
    <message>
        <source>A fourth stride of 64 with one anchor a cell is NanoDet-Plus&apos;s</source>
        <translation>Un cuarto paso (stride) de 64 con un ancla por celda es propio de NanoDet-Plus</translation>
    </message>
    <message>
        <source>A lane did not finish within {longest_s} s</source>
        <translation>Una vía de inferencia no terminó en {longest_s} s</translation>
    </message>
    <message>
        <source>A live source cannot be sought in</source>
        <translation>En una fuente en vivo no se puede buscar una posición</translation>
    </message>
    <message>
        <source>A live source does not wait, so not every frame of it can be analysed</source>
        <translation>Una fuente en vivo no espera, así que no se pueden analizar todos sus fotogramas</translation>
    </message>
    <message>
        <source>A live source has no frames to step through</source>
        <translation>Una fuente en vivo no se puede recorrer fotograma a fotograma</translation>
    </message>
    <message>
        <source>A live source has no other place to go to</source>
        <translation>Una fuente en vivo no tiene otra posición a la que ir</translation>
    </message>
    <message>
        <source>A live source has no past to go to</source>
        <translation>Una fuente en vivo no tiene pasado al que volver</translation>
    </message>
    <message>
        <source>A person&apos;s correction is applied: {settings}</source>
        <translation>Se aplica la corrección de una persona: {settings}</translation>
    </message>
    <message>
        <source>A picture of the video cannot be converted</source>
        <translation>No se puede convertir una imagen del vídeo</translation>
    </message>
    <message>
        <source>A picture of {width}x{height} does not fit this format</source>
        <translation>Una imagen de {width}x{height} no cabe en este formato</translation>
    </message>
    <message>
        <source>A recording is running</source>
        <translation>Hay una grabación en curso</translation>
    </message>
    <message>
        <source>A row is joined from a box, a score and a class</source>
        <translation>Cada fila une una caja, una puntuación y una clase</translation>
    </message>
    <message>
        <source>A second input takes a size</source>
        <translation>Una segunda entrada recibe un tamaño</translation>
    </message>
    <message>
        <source>A second input takes the size that boxes are scaled to (orig_target_sizes)</source>
        <translation>Una segunda entrada recibe el tamaño al que se escalan las cajas (orig_target_sizes)</translation>
    </message>
    <message>
        <source>A softmax over the classes is what classifiers end with</source>
        <translation>Los clasificadores terminan con un softmax sobre las clases</translation>
    </message>
    <message>
        <source>A {suffix} file cannot be run</source>
        <translation>Un archivo {suffix} no se puede ejecutar</translation>
    </message>
    <message>
        <source>Allow more to be lost, or choose another variant</source>
        <translation>Permita perder más o elija otra variante</translation>
    </message>
    <message>
        <source>An OpenVINO IR cannot be turned back into ONNX</source>
        <translation>Un OpenVINO IR no se puede volver a convertir en ONNX</translation>
    </message>
    <message>
        <source>An earlier compilation did not end within {earlier_limit_s} minutes</source>
        <translation>Una compilación anterior no terminó en {earlier_limit_s} minutos</translation>
    </message>
    <message>
        <source>An entry of the list of models cannot be read ({error}): {path}</source>
        <translation>No se puede leer una entrada de la lista de modelos ({error}): {path}</translation>
    </message>
    <message>
        <source>Analysing the picture</source>
        <translation>Análisis de la imagen</translation>
    </message>
    <message>
        <source>Another recording to this file is running</source>
        <translation>Ya hay otra grabación en este archivo</translation>
    </message>
    <message>
        <source>Ask for fp32, or choose another backend</source>
        <translation>Pida fp32 o elija otro backend</translation>
    </message>
    <message>
        <source>Ask for {got}</source>
        <translation>Pida {got}</translation>
    </message>
    <message>
        <source>Ask for {got}, or choose another backend</source>
        <translation>Pida {got} o elija otro backend</translation>
    </message>
    <message>
        <source>Ask for {shares}, or choose another device</source>
        <translation>Pida {shares} o elija otro dispositivo</translation>
    </message>
    <message>
        <source>Asked for {rate_hz} pictures per second, got {rate_hz2}</source>
        <translation>Se pidieron {rate_hz} imágenes por segundo y se obtuvieron {rate_hz2}</translation>
    </message>
    <message>
        <source>Asked for {wanted_width}x{wanted_height}, got {width}x{height}</source>
        <translation>Se pidió {wanted_width}x{wanted_height} y se obtuvo {width}x{height}</translation>
    </message>
    <message>
        <source>At each stride a box without activation is joined with objectness and classes behind a sigmoid, as YOLOX&apos;s head does</source>
        <translation>En cada paso (stride) se une una caja sin activación con objectness y clases tras una sigmoide, como en la cabeza de YOLOX</translation>
    </message>
    <message>
        <source>At each stride there are tables of 1, 1, 4 and 10 columns: face, objectness, box and 5 landmarks</source>
        <translation>En cada paso (stride) hay tablas de 1, 1, 4 y 10 columnas: rostro, objectness, caja y 5 puntos faciales</translation>
    </message>
    <message>
        <source>At each stride {classes} scores behind a sigmoid are joined with {columns} columns without activation: 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>En cada paso (stride) se unen {classes} puntuaciones tras una sigmoide con {columns} columnas sin activación: 4 lados de una caja por {bins} niveles de una distribución de distancias</translation>
    </message>
    <message>
        <source>Behind the scores the output joins {keypoints} numbers: {keypoints2} x {dims} for keypoints</source>
        <translation>Tras las puntuaciones, la salida une {keypoints} números: {keypoints2} x {dims} para puntos clave</translation>
    </message>
    <message>
        <source>Behind {classes} scores the output joins one number: an angle</source>
        <translation>Tras {classes} puntuaciones, la salida une un número: un ángulo</translation>
    </message>
    <message>
        <source>Beside the rows there are {planes} mask prototypes, a coefficient of each in a row</source>
        <translation>Junto a las filas hay {planes} prototipos de máscara, con un coeficiente de cada uno en la fila</translation>
    </message>
    <message>
        <source>Beside the table there are {masks} mask prototypes, a coefficient of each in the table</source>
        <translation>Junto a la tabla hay {masks} prototipos de máscara, con un coeficiente de cada uno en la tabla</translation>
    </message>
    <message>
        <source>Boxes end with a sigmoid: shares of the picture</source>
        <translation>Las cajas terminan con una sigmoide: fracciones de la imagen</translation>
    </message>
    <message>
        <source>Build it from the ONNX file that the IR was converted from</source>
        <translation>Créela a partir del archivo ONNX del que se convirtió el IR</translation>
    </message>
    <message>
        <source>Build it from the float model that this one was made from</source>
        <translation>Créela a partir del modelo en coma flotante del que se hizo este</translation>
    </message>
    <message>
        <source>Build its FP16 variant: on the Optimise page, or with inferoscope export</source>
        <translation>Cree su variante FP16: en la página Optimizar o con inferoscope export</translation>
    </message>
    <message>
        <source>Build its INT8 variant: on the Optimise page, or with inferoscope export</source>
        <translation>Cree su variante INT8: en la página Optimizar o con inferoscope export</translation>
    </message>
    <message>
        <source>COCO (90 numbers with gaps)</source>
        <translation>COCO (90 números con huecos)</translation>
    </message>
    <message>
        <source>COCO (91 numbers with gaps)</source>
        <translation>COCO (91 números con huecos)</translation>
    </message>
    <message>
        <source>Calibrate with a source that shows what the model is to find</source>
        <translation>Calibre con una fuente que muestre lo que el modelo debe detectar</translation>
    </message>
    <message>
        <source>Camera {index}</source>
        <translation>Cámara {index}</translation>
    </message>
    <message>
        <source>Can&apos;t read ONNX file</source>
        <translation>No se puede leer el archivo ONNX</translation>
    </message>
    <message>
        <source>Check its permissions</source>
        <translation>Compruebe sus permisos</translation>
    </message>
    <message>
        <source>Check its rights</source>
        <translation>Compruebe sus permisos</translation>
    </message>
    <message>
        <source>Check that it is switched on and can be reached from this computer</source>
        <translation>Compruebe que está encendida y es accesible desde este equipo</translation>
    </message>
    <message>
        <source>Check that it is switched on, and the port in its address</source>
        <translation>Compruebe que está encendida, y el puerto de su dirección</translation>
    </message>
    <message>
        <source>Check that it is there</source>
        <translation>Compruebe que está ahí</translation>
    </message>
    <message>
        <source>Check that the program may take pictures of the screen</source>
        <translation>Compruebe que el programa puede capturar la pantalla</translation>
    </message>
    <message>
        <source>Check the address</source>
        <translation>Compruebe la dirección</translation>
    </message>
    <message>
        <source>Check the date of this computer, and ask who runs this network whether it looks into connections</source>
        <translation>Compruebe la fecha de este equipo y pregunte al responsable de la red si inspecciona las conexiones</translation>
    </message>
    <message>
        <source>Check the inputs on the model card, or choose another device</source>
        <translation>Compruebe las entradas en la ficha del modelo o elija otro dispositivo</translation>
    </message>
    <message>
        <source>Check the name and the folder</source>
        <translation>Compruebe el nombre y la carpeta</translation>
    </message>
    <message>
        <source>Check the network and try again: what has come is kept</source>
        <translation>Compruebe la red y reintente: lo ya descargado se conserva</translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation>Compruebe la ruta</translation>
    </message>
    <message>
        <source>Check the rights of this folder</source>
        <translation>Compruebe los permisos de esta carpeta</translation>
    </message>
    <message>
        <source>Check user and password</source>
        <translation>Compruebe el usuario y la contraseña</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>Comprobación con todos los fotogramas</translation>
    </message>
    <message>
        <source>Choose CPU, or another backend</source>
        <translation>Elija CPU u otro backend</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was converted from</source>
        <translation>Elija OpenVINO, o el archivo ONNX del que se convirtió el modelo</translation>
    </message>
    <message>
        <source>Choose a device of this computer</source>
        <translation>Elija un dispositivo de este equipo</translation>
    </message>
    <message>
        <source>Choose a file name</source>
        <translation>Elija un nombre de archivo</translation>
    </message>
    <message>
        <source>Choose a file with pictures</source>
        <translation>Elija un archivo con imágenes</translation>
    </message>
    <message>
        <source>Choose a model for detection, segmentation, pose or classification</source>
        <translation>Elija un modelo de detección, segmentación, pose o clasificación</translation>
    </message>
    <message>
        <source>Choose a shorter name</source>
        <translation>Elija un nombre más corto</translation>
    </message>
    <message>
        <source>Choose a smaller size</source>
        <translation>Elija un tamaño menor</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant, or export the model without control flow</source>
        <translation>Elija una variante OpenVINO o exporte el modelo sin flujo de control</translation>
    </message>
    <message>
        <source>Choose another backend</source>
        <translation>Elija otro backend</translation>
    </message>
    <message>
        <source>Choose another backend or look at the log</source>
        <translation>Elija otro backend o consulte el registro</translation>
    </message>
    <message>
        <source>Choose another backend, device or precision, or another model</source>
        <translation>Elija otro backend, dispositivo o precisión numérica, u otro modelo</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model again</source>
        <translation>Elija otro backend o exporte el modelo otra vez</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model in another way</source>
        <translation>Elija otro backend o exporte el modelo de otra manera</translation>
    </message>
    <message>
        <source>Choose another backend, or export the model with other operators</source>
        <translation>Elija otro backend o exporte el modelo con otros operadores</translation>
    </message>
    <message>
        <source>Choose another device or backend, or export the model in FP32</source>
        <translation>Elija otro dispositivo o backend, o exporte el modelo en FP32</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>Elija otro archivo</translation>
    </message>
    <message>
        <source>Choose another folder</source>
        <translation>Elija otra carpeta</translation>
    </message>
    <message>
        <source>Choose another folder or change its permissions</source>
        <translation>Elija otra carpeta o cambie sus permisos</translation>
    </message>
    <message>
        <source>Choose another name or folder</source>
        <translation>Elija otro nombre u otra carpeta</translation>
    </message>
    <message>
        <source>Choose another precision or device</source>
        <translation>Elija otra precisión numérica u otro dispositivo</translation>
    </message>
    <message>
        <source>Choose another variant</source>
        <translation>Elija otra variante</translation>
    </message>
    <message>
        <source>Choose another variant, or export the model in another way</source>
        <translation>Elija otra variante o exporte el modelo de otra manera</translation>
    </message>
    <message>
        <source>Choose another variant, or free some memory</source>
        <translation>Elija otra variante o libere memoria</translation>
    </message>
    <message>
        <source>Choose another video format in its settings, such as H.264</source>
        <translation>Elija otro formato de vídeo en sus ajustes, como H.264</translation>
    </message>
    <message>
        <source>Choose frames that show what the model is to find</source>
        <translation>Elija fotogramas que muestren lo que el modelo debe detectar</translation>
    </message>
    <message>
        <source>Choose one of these</source>
        <translation>Elija una de estas opciones</translation>
    </message>
    <message>
        <source>Choose one of those that there are</source>
        <translation>Elija una de las opciones que hay</translation>
    </message>
    <message>
        <source>Choose openvino-fp16, or export the model without control flow</source>
        <translation>Elija openvino-fp16 o exporte el modelo sin flujo de control</translation>
    </message>
    <message>
        <source>Choose the .xml file beside it</source>
        <translation>Elija el archivo .xml que está al lado</translation>
    </message>
    <message>
        <source>Choose the size that it was exported for</source>
        <translation>Elija el tamaño para el que se exportó</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>Elección de los pesos</translation>
    </message>
    <message>
        <source>Classes are given as float numbers, as TensorFlow&apos;s exporter does</source>
        <translation>Las clases se dan como números en coma flotante, como hace el exportador de TensorFlow</translation>
    </message>
    <message>
        <source>Classes are shown as numbers; give the right names</source>
        <translation>Las clases se muestran como números; indique los nombres correctos</translation>
    </message>
    <message>
        <source>Classes are whole numbers, as EfficientNMS gives them</source>
        <translation>Las clases son números enteros, como las da EfficientNMS</translation>
    </message>
    <message>
        <source>Close other programs that use it, plug it in again, and check that you may use it</source>
        <translation>Cierre otros programas que la usen, vuelva a conectarla y compruebe que tiene permiso para usarla</translation>
    </message>
    <message>
        <source>Collecting frames: {count} of {wanted}</source>
        <translation>Recogida de fotogramas: {count} de {wanted}</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>Comparación con las etiquetas</translation>
    </message>
    <message>
        <source>Comparing {candidate}</source>
        <translation>Comparación de {candidate}</translation>
    </message>
    <message>
        <source>Compiling for {device}</source>
        <translation>Compilación para {device}</translation>
    </message>
    <message>
        <source>Connecting to {source_id}</source>
        <translation>Conectando con {source_id}</translation>
    </message>
    <message>
        <source>Convert it to MP4 (H.264)</source>
        <translation>Conviértalo a MP4 (H.264)</translation>
    </message>
    <message>
        <source>Convert it to an OpenVINO IR or to ONNX</source>
        <translation>Conviértalo a un OpenVINO IR o a ONNX</translation>
    </message>
    <message>
        <source>Convert it with model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) in Keras</source>
        <translation>Conviértalo con model.export(&apos;model.onnx&apos;, format=&apos;onnx&apos;) en Keras</translation>
    </message>
    <message>
        <source>Convert it with paddle2onnx</source>
        <translation>Conviértalo con paddle2onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --graphdef MODEL --output model.onnx</source>
        <translation>Conviértalo con python -m tf2onnx.convert --graphdef MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --keras MODEL --output model.onnx</source>
        <translation>Conviértalo con python -m tf2onnx.convert --keras MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert it with python -m tf2onnx.convert --tflite MODEL --output model.onnx</source>
        <translation>Conviértalo con python -m tf2onnx.convert --tflite MODEL --output model.onnx</translation>
    </message>
    <message>
        <source>Convert the Darknet weights to ONNX first</source>
        <translation>Convierta primero a ONNX los pesos de Darknet</translation>
    </message>
    <message>
        <source>Convert the model again with a current OpenVINO</source>
        <translation>Convierta el modelo otra vez con un OpenVINO actual</translation>
    </message>
    <message>
        <source>Convert the model again, or copy both files again</source>
        <translation>Convierta el modelo otra vez o copie de nuevo ambos archivos</translation>
    </message>
    <message>
        <source>Convert the video to MP4 (H.264)</source>
        <translation>Convierta el vídeo a MP4 (H.264)</translation>
    </message>
    <message>
        <source>Copy both files again</source>
        <translation>Copie de nuevo ambos archivos</translation>
    </message>
    <message>
        <source>Copy both files of the model</source>
        <translation>Copie ambos archivos del modelo</translation>
    </message>
    <message>
        <source>Copy both files of the model again</source>
        <translation>Copie de nuevo ambos archivos del modelo</translation>
    </message>
    <message>
        <source>Copy it again</source>
        <translation>Cópielo de nuevo</translation>
    </message>
    <message>
        <source>Copy or download it again</source>
        <translation>Cópielo o descárguelo de nuevo</translation>
    </message>
    <message>
        <source>Copy or record it again</source>
        <translation>Cópielo o grábelo de nuevo</translation>
    </message>
    <message>
        <source>Copy, download or export the model again</source>
        <translation>Copie, descargue o exporte de nuevo el modelo</translation>
    </message>
    <message>
        <source>Correct the model card</source>
        <translation>Corrija la ficha del modelo</translation>
    </message>
    <message>
        <source>Correct the model&apos;s family or options</source>
        <translation>Corrija la familia o las opciones del modelo</translation>
    </message>
    <message>
        <source>Correct {plugins_variable}</source>
        <translation>Corrija {plugins_variable}</translation>
    </message>
    <message>
        <source>Could not open the file</source>
        <translation>No se pudo abrir el archivo</translation>
    </message>
    <message>
        <source>Create it or choose another folder</source>
        <translation>Créela o elija otra carpeta</translation>
    </message>
    <message>
        <source>Damaged places in the file cannot be decoded and are left out</source>
        <translation>Las partes dañadas del archivo no se pueden decodificar y se omiten</translation>
    </message>
    <message>
        <source>Deformable DETR</source>
        <translation>Deformable DETR</translation>
    </message>
    <message>
        <source>Delete this file, or forget the correction</source>
        <translation>Elimine este archivo u olvide la corrección</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>Demo: línea de embotellado</translation>
    </message>
    <message>
        <source>Devices of {backend}</source>
        <translation>Dispositivos de {backend}</translation>
    </message>
    <message>
        <source>Do the three planes stand for classes, or is the output a picture?</source>
        <translation>¿Los tres planos son clases, o la salida es una imagen?</translation>
    </message>
    <message>
        <source>Download the model again</source>
        <translation>Descargue el modelo otra vez</translation>
    </message>
    <message>
        <source>EfficientNMS is a plug-in of TensorRT: other runtimes cannot run this file</source>
        <translation>EfficientNMS es un complemento de TensorRT: otros motores de inferencia no pueden ejecutar este archivo</translation>
    </message>
    <message>
        <source>Export YOLOv8 or later for segmentation</source>
        <translation>Exporte YOLOv8 o posterior para segmentación</translation>
    </message>
    <message>
        <source>Export it with RT-DETR&apos;s own exporter, which gives labels, boxes and scores</source>
        <translation>Expórtelo con el exportador propio de RT-DETR, que da etiquetas, cajas y puntuaciones</translation>
    </message>
    <message>
        <source>Export the model again</source>
        <translation>Exporte el modelo otra vez</translation>
    </message>
    <message>
        <source>Export the model again as a single file, and ask who made it</source>
        <translation>Exporte el modelo otra vez en un solo archivo y pregunte a quien lo hizo</translation>
    </message>
    <message>
        <source>Export the model again with a picture as its input</source>
        <translation>Exporte el modelo otra vez con una imagen como entrada</translation>
    </message>
    <message>
        <source>Export the model again with an example of four axes</source>
        <translation>Exporte el modelo otra vez con un ejemplo de cuatro ejes</translation>
    </message>
    <message>
        <source>Export the model again with such an input</source>
        <translation>Exporte el modelo otra vez con una entrada así</translation>
    </message>
    <message>
        <source>Export the model with a picture as its only input</source>
        <translation>Exporte el modelo con una imagen como única entrada</translation>
    </message>
    <message>
        <source>Export the model with an older opset, or choose OpenVINO</source>
        <translation>Exporte el modelo con un opset anterior o elija OpenVINO</translation>
    </message>
    <message>
        <source>Export the model with its decoding (YOLOv7: export.py --grid; YOLOv5: export.py as it is)</source>
        <translation>Exporte el modelo con su decodificación (YOLOv7: export.py --grid; YOLOv5: export.py tal cual)</translation>
    </message>
    <message>
        <source>Export the model with its exporter&apos;s default head, or say what it is</source>
        <translation>Exporte el modelo con la cabeza predeterminada de su exportador o indique qué es</translation>
    </message>
    <message>
        <source>Export the model with its weights in a second file</source>
        <translation>Exporte el modelo con sus pesos en un segundo archivo</translation>
    </message>
    <message>
        <source>Export the model with this input fixed</source>
        <translation>Exporte el modelo con esta entrada fija</translation>
    </message>
    <message>
        <source>Export the model without NMS, or with a count, boxes, scores and classes apart</source>
        <translation>Exporte el modelo sin NMS, o con número, cajas, puntuaciones y clases por separado</translation>
    </message>
    <message>
        <source>External data path</source>
        <translation>Ruta de datos externos</translation>
    </message>
    <message>
        <source>Fetch the model itself with git lfs pull</source>
        <translation>Obtenga el modelo con git lfs pull</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>Búsqueda de las capas más costosas</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects with little computing power: good for laptops and many cameras at once.</source>
        <translation>Detecta 80 tipos de objetos cotidianos con poca capacidad de cálculo: adecuado para portátiles y para muchas cámaras a la vez.</translation>
    </message>
    <message>
        <source>Finds 80 kinds of everyday objects, such as people, cars, animals and furniture; more accurate, and slower, than NanoDet.</source>
        <translation>Detecta 80 tipos de objetos cotidianos, como personas, automóviles, animales y muebles; más exacto y más lento que NanoDet.</translation>
    </message>
    <message>
        <source>Finds faces, with the eyes, the nose and the corners of the mouth; very small and fast.</source>
        <translation>Detecta rostros, con los ojos, la nariz y las comisuras de la boca; muy pequeño y rápido.</translation>
    </message>
    <message>
        <source>Free some space</source>
        <translation>Libere espacio</translation>
    </message>
    <message>
        <source>Free some space and try again</source>
        <translation>Libere espacio y reintente</translation>
    </message>
    <message>
        <source>Free some space or check the rights of this folder</source>
        <translation>Libere espacio o compruebe los permisos de esta carpeta</translation>
    </message>
    <message>
        <source>Free some space or choose another disk</source>
        <translation>Libere espacio o elija otro disco</translation>
    </message>
    <message>
        <source>Give annotations with the model&apos;s class names</source>
        <translation>Dé anotaciones con los nombres de clases del modelo</translation>
    </message>
    <message>
        <source>Give the folder that the annotation file belongs to</source>
        <translation>Indique la carpeta a la que pertenece el archivo de anotaciones</translation>
    </message>
    <message>
        <source>Giving layers back</source>
        <translation>Capas que se devuelven</translation>
    </message>
    <message>
        <source>How the model runs best cannot be kept</source>
        <translation>No se puede conservar cómo funciona mejor el modelo</translation>
    </message>
    <message>
        <source>INT8 is no faster than the original here</source>
        <translation>INT8 no es más rápido que el original aquí</translation>
    </message>
    <message>
        <source>ImageNet (1000)</source>
        <translation>ImageNet (1000)</translation>
    </message>
    <message>
        <source>ImageNet (1000) behind a background class</source>
        <translation>ImageNet (1000) tras una clase de fondo</translation>
    </message>
    <message>
        <source>Install Inferoscope again with all its parts, or choose another variant</source>
        <translation>Instale Inferoscope de nuevo con todas sus partes o elija otra variante</translation>
    </message>
    <message>
        <source>Install Inferoscope again, or use a model of your own</source>
        <translation>Instale Inferoscope de nuevo o use un modelo propio</translation>
    </message>
    <message>
        <source>Install a package of ONNX Runtime with {name}, or name its plug-in library in {plugins_variable}</source>
        <translation>Instale un paquete de ONNX Runtime con {name}, o indique su biblioteca de complemento en {plugins_variable}</translation>
    </message>
    <message>
        <source>Install its libraries and driver, or choose another device</source>
        <translation>Instale sus bibliotecas y su controlador, o elija otro dispositivo</translation>
    </message>
    <message>
        <source>Install the driver of the Intel {name}, or choose another device</source>
        <translation>Instale el controlador de la {name} de Intel o elija otro dispositivo</translation>
    </message>
    <message>
        <source>Install the libraries and the driver that it needs</source>
        <translation>Instale las bibliotecas y el controlador que necesita</translation>
    </message>
    <message>
        <source>Install the program again, or choose another backend</source>
        <translation>Instale el programa de nuevo o elija otro backend</translation>
    </message>
    <message>
        <source>Is it {best} ({task}), or {others}?</source>
        <translation>¿Es {best} ({task}), o {others}?</translation>
    </message>
    <message>
        <source>Is it {best} ({task})?</source>
        <translation>¿Es {best} ({task})?</translation>
    </message>
    <message>
        <source>Is the last of the classes no object (taken), or a class?</source>
        <translation>¿La última de las clases es «ningún objeto» (lo supuesto) o una clase?</translation>
    </message>
    <message>
        <source>It cannot be calibrated without frames</source>
        <translation>No se puede calibrar sin fotogramas</translation>
    </message>
    <message>
        <source>It cannot be written</source>
        <translation>No se puede escribir</translation>
    </message>
    <message>
        <source>It does not end with Softmax: logits</source>
        <translation>No termina con Softmax: logits</translation>
    </message>
    <message>
        <source>It ends with a fully connected layer</source>
        <translation>Termina con una capa totalmente conectada</translation>
    </message>
    <message>
        <source>It ends with {last}: scores</source>
        <translation>Termina con {last}: puntuaciones</translation>
    </message>
    <message>
        <source>It gives no picture</source>
        <translation>No da imágenes</translation>
    </message>
    <message>
        <source>It gives no picture: {why}</source>
        <translation>No da imágenes: {why}</translation>
    </message>
    <message>
        <source>It holds a language model</source>
        <translation>Contiene un modelo de lenguaje</translation>
    </message>
    <message>
        <source>It holds weights without a graph: export the model with optimum-cli export onnx</source>
        <translation>Contiene pesos sin grafo: exporte el modelo con optimum-cli export onnx</translation>
    </message>
    <message>
        <source>It is a folder, not a file</source>
        <translation>Es una carpeta, no un archivo</translation>
    </message>
    <message>
        <source>It is faster only on a runtime that skips zeroes; the runtimes here compute them</source>
        <translation>Solo es más rápido en un motor de inferencia que omite los ceros; los de aquí los calculan</translation>
    </message>
    <message>
        <source>It is made by DetectionOutput</source>
        <translation>Lo hace DetectionOutput</translation>
    </message>
    <message>
        <source>It is the index of the largest of the classes (ArgMax)</source>
        <translation>Es el índice de la mayor de las clases (ArgMax)</translation>
    </message>
    <message>
        <source>It may not be written</source>
        <translation>No se permite escribirlo</translation>
    </message>
    <message>
        <source>It runs on none of the runtimes</source>
        <translation>No funciona con ninguno de los motores de inferencia</translation>
    </message>
    <message>
        <source>It sends data to a remote service</source>
        <translation>Envía datos a un servicio remoto</translation>
    </message>
    <message>
        <source>Its planes have the size of the picture</source>
        <translation>Sus planos tienen el tamaño de la imagen</translation>
    </message>
    <message>
        <source>Its weights are no longer there: {value}</source>
        <translation>Sus pesos ya no están ahí: {value}</translation>
    </message>
    <message>
        <source>JSON with images, annotations and categories (instances.json)</source>
        <translation>JSON con images, annotations y categories (instances.json)</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Consérvelo</translation>
    </message>
    <message>
        <source>Left as it is: it could only be fused into operators that ONNX Runtime alone knows</source>
        <translation>Se deja como está: solo podría fusionarse en operadores que únicamente conoce ONNX Runtime</translation>
    </message>
    <message>
        <source>Let it run in real time, or record it first</source>
        <translation>Déjela en tiempo real o grábela primero</translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation>Cárguelo de nuevo</translation>
    </message>
    <message>
        <source>Load the .onnx file that it was made from</source>
        <translation>Cargue el archivo .onnx del que se hizo</translation>
    </message>
    <message>
        <source>Load the ONNX file that it was converted from</source>
        <translation>Cargue el archivo ONNX del que se convirtió</translation>
    </message>
    <message>
        <source>Load the ONNX file that the ncnn model was converted from</source>
        <translation>Cargue el archivo ONNX del que se convirtió el modelo ncnn</translation>
    </message>
    <message>
        <source>Loading the compiled model</source>
        <translation>Carga del modelo compilado</translation>
    </message>
    <message>
        <source>Loading the optimised model</source>
        <translation>Carga del modelo optimizado</translation>
    </message>
    <message>
        <source>Loading {candidate}</source>
        <translation>Carga de {candidate}</translation>
    </message>
    <message>
        <source>Look at the log for details</source>
        <translation>Consulte los detalles en el registro</translation>
    </message>
    <message>
        <source>Make it smaller</source>
        <translation>Redúzcalo</translation>
    </message>
    <message>
        <source>Moving it to its place</source>
        <translation>Traslado a su lugar</translation>
    </message>
    <message>
        <source>Moving layers to float</source>
        <translation>Paso de capas a coma flotante</translation>
    </message>
    <message>
        <source>NMS is inside the graph</source>
        <translation>El NMS está dentro del grafo</translation>
    </message>
    <message>
        <source>Name a model file</source>
        <translation>Indique un archivo de modelo</translation>
    </message>
    <message>
        <source>Name a source to calibrate with</source>
        <translation>Indique una fuente para calibrar</translation>
    </message>
    <message>
        <source>Name a source to calibrate with (--calibrate)</source>
        <translation>Indique una fuente para calibrar (--calibrate)</translation>
    </message>
    <message>
        <source>Name another family, or forget the correction</source>
        <translation>Indique otra familia u olvide la corrección</translation>
    </message>
    <message>
        <source>Name one camera</source>
        <translation>Indique una cámara</translation>
    </message>
    <message>
        <source>Name the file inside it, such as {models}</source>
        <translation>Indique el archivo que contiene, como {models}</translation>
    </message>
    <message>
        <source>Names to be replaced</source>
        <translation>Nombres que se reemplazan</translation>
    </message>
    <message>
        <source>No INT8 variant is within the limit.</source>
        <translation>Ninguna variante INT8 está dentro del límite.</translation>
    </message>
    <message>
        <source>INT8 runs {best}</source>
        <translation>INT8 va {best}</translation>
    </message>
    <message>
        <source>, mAP {accuracy} instead of {map}</source>
        <translation>, mAP {accuracy} en lugar de {map}</translation>
    </message>
    <message>
        <source>Build it from the FP32 model that this one was made from</source>
        <translation>Créela a partir del modelo FP32 del que se hizo este</translation>
    </message>
    <message>
        <source>Calibrating</source>
        <translation>Calibración</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Comprobación</translation>
    </message>
    <message>
        <source>Choose an OpenVINO variant</source>
        <translation>Elija una variante OpenVINO</translation>
    </message>
    <message>
        <source>Choose another backend or device</source>
        <translation>Elija otro backend u otro dispositivo</translation>
    </message>
    <message>
        <source>Choose another source</source>
        <translation>Elija otra fuente</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Conectando</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Conversión</translation>
    </message>
    <message>
        <source>Deciding</source>
        <translation>Decisión</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Descarga</translation>
    </message>
    <message>
        <source>Export the labels in COCO&apos;s format</source>
        <translation>Exporte las etiquetas en el formato de COCO</translation>
    </message>
    <message>
        <source>Fusing</source>
        <translation>Fusión</translation>
    </message>
    <message>
        <source>Leave some of the pictures out</source>
        <translation>Deje fuera algunas de las imágenes</translation>
    </message>
    <message>
        <source>Leave the annotations out: export then goes by agreement</source>
        <translation>Omita las anotaciones: entonces export se guía por la concordancia</translation>
    </message>
    <message>
        <source>No INT8 variant within the limit is faster than the original; the nearest runs {nearest} (places and scores to {scores})</source>
        <translation>Ninguna variante INT8 dentro del límite es más rápida que el original; la más cercana va {nearest} (posiciones y puntuaciones: {scores})</translation>
    </message>
    <message>
        <source>No connection to the server can be made</source>
        <translation>No se puede establecer conexión con el servidor</translation>
    </message>
    <message>
        <source>No decoder reads this family of models</source>
        <translation>Ningún decodificador lee esta familia de modelos</translation>
    </message>
    <message>
        <source>No picture can be written with this ending</source>
        <translation>No se puede escribir una imagen con esta extensión</translation>
    </message>
    <message>
        <source>No picture for {age_s} s</source>
        <translation>Sin imagen desde hace {age_s} s</translation>
    </message>
    <message>
        <source>No picture in the file can be decoded</source>
        <translation>No se puede decodificar ninguna imagen del archivo</translation>
    </message>
    <message>
        <source>No video can be written with this ending</source>
        <translation>No se puede escribir un vídeo con esta extensión</translation>
    </message>
    <message>
        <source>None of the pictures in the folder can be read</source>
        <translation>No se puede leer ninguna de las imágenes de la carpeta</translation>
    </message>
    <message>
        <source>Nothing moves boxes by the grid: they are still offsets and logarithms of sizes</source>
        <translation>Nada desplaza las cajas por la cuadrícula: aún son desplazamientos y logaritmos de tamaños</translation>
    </message>
    <message>
        <source>ONNX Runtime</source>
        <translation>ONNX Runtime</translation>
    </message>
    <message>
        <source>ONNX Runtime does not read OpenVINO models</source>
        <translation>ONNX Runtime no lee modelos OpenVINO</translation>
    </message>
    <message>
        <source>ONNX Runtime does not tell in which precision {place} computes</source>
        <translation>ONNX Runtime no dice con qué precisión numérica calcula {place}</translation>
    </message>
    <message>
        <source>ONNX Runtime has no such operator: {part1}</source>
        <translation>ONNX Runtime no tiene este operador: {part1}</translation>
    </message>
    <message>
        <source>ONNX Runtime has no {part1} for these types here</source>
        <translation>ONNX Runtime no tiene aquí {part1} para estos tipos</translation>
    </message>
    <message>
        <source>ONNX Runtime knows no device {device}</source>
        <translation>ONNX Runtime no conoce el dispositivo {device}</translation>
    </message>
    <message>
        <source>ONNX Runtime&apos;s CPU computes FP16 files in FP32 and slower; they are for GPUs and other accelerators</source>
        <translation>La CPU de ONNX Runtime calcula los archivos FP16 en FP32 y más despacio; son para GPU y otros aceleradores</translation>
    </message>
    <message>
        <source>Objectness is a constant 1, as YOLOv6&apos;s head writes it</source>
        <translation>Objectness es una constante 1, como la escribe la cabeza de YOLOv6</translation>
    </message>
    <message>
        <source>Only {different} frames differ from each other; {wanted} are better</source>
        <translation>Solo {different} fotogramas difieren entre sí; son mejores {wanted}</translation>
    </message>
    <message>
        <source>Only {expected} found on the frames that were compared: more frames would tell more.</source>
        <translation>Solo {expected} detecciones en los fotogramas comparados: más fotogramas dirían más.</translation>
    </message>
    <message>
        <source>OpenCV DNN</source>
        <translation>OpenCV DNN</translation>
    </message>
    <message>
        <source>OpenCV cannot run layers of these number formats</source>
        <translation>OpenCV no puede ejecutar capas de estos formatos numéricos</translation>
    </message>
    <message>
        <source>OpenCV cannot run the operator {part1}</source>
        <translation>OpenCV no puede ejecutar el operador {part1}</translation>
    </message>
    <message>
        <source>OpenCV cannot run this model</source>
        <translation>OpenCV no puede ejecutar este modelo</translation>
    </message>
    <message>
        <source>OpenCV computes this model in {got} when asked for {precision}</source>
        <translation>OpenCV calcula este modelo en {got} cuando se pide {precision}</translation>
    </message>
    <message>
        <source>OpenCV does not read these OpenVINO models</source>
        <translation>OpenCV no lee estos modelos OpenVINO</translation>
    </message>
    <message>
        <source>OpenCV knows no device {device}</source>
        <translation>OpenCV no conoce el dispositivo {device}</translation>
    </message>
    <message>
        <source>OpenCV ran no layer on {device}</source>
        <translation>OpenCV no ejecutó ninguna capa en {device}</translation>
    </message>
    <message>
        <source>OpenCV&apos;s {device} computes in FP32 when asked for </source>
        <translation>La {device} de OpenCV calcula en FP32 cuando se pide </translation>
    </message>
    <message>
        <source>OpenVINO cannot keep this compiled model for the next start: {error}</source>
        <translation>OpenVINO no puede conservar este modelo compilado para el próximo inicio: {error}</translation>
    </message>
    <message>
        <source>OpenVINO cannot prepare an inference of this model</source>
        <translation>OpenVINO no puede preparar una inferencia de este modelo</translation>
    </message>
    <message>
        <source>OpenVINO does not tell in which precision this device computes</source>
        <translation>OpenVINO no dice con qué precisión numérica calcula este dispositivo</translation>
    </message>
    <message>
        <source>OpenVINO failed while running</source>
        <translation>OpenVINO falló durante la ejecución</translation>
    </message>
    <message>
        <source>OpenVINO finds no Intel {name} with a working driver</source>
        <translation>OpenVINO no encuentra ninguna {name} de Intel con un controlador que funcione</translation>
    </message>
    <message>
        <source>OpenVINO has no such operators: {part1}</source>
        <translation>OpenVINO no tiene estos operadores: {part1}</translation>
    </message>
    <message>
        <source>OpenVINO knows no device {device}</source>
        <translation>OpenVINO no conoce el dispositivo {device}</translation>
    </message>
    <message>
        <source>Optimising for {place}</source>
        <translation>Optimización para {place}</translation>
    </message>
    <message>
        <source>Packed (deflate) it takes {file} bytes, the original {source}</source>
        <translation>Comprimido (deflate) ocupa {file} bytes; el original, {source}</translation>
    </message>
    <message>
        <source>Packing</source>
        <translation>Compresión</translation>
    </message>
    <message>
        <source>Pascal VOC (20)</source>
        <translation>Pascal VOC (20)</translation>
    </message>
    <message>
        <source>Pascal VOC (20) behind a background class</source>
        <translation>Pascal VOC (20) tras una clase de fondo</translation>
    </message>
    <message>
        <source>Pictures have no time</source>
        <translation>Las imágenes no tienen tiempo</translation>
    </message>
    <message>
        <source>Pixels of type {dtype} are not supported</source>
        <translation>No se admiten píxeles de tipo {dtype}</translation>
    </message>
    <message>
        <source>Play it as it is</source>
        <translation>Reprodúzcalo tal como es</translation>
    </message>
    <message>
        <source>Play it in another program to check it, or convert it to MP4 (H.264)</source>
        <translation>Reprodúzcalo en otro programa para comprobarlo o conviértalo a MP4 (H.264)</translation>
    </message>
    <message>
        <source>Plug one in, and check that you may use it</source>
        <translation>Conecte una y compruebe que tiene permiso para usarla</translation>
    </message>
    <message>
        <source>Put both files into one folder, or export the model as a single file</source>
        <translation>Ponga ambos archivos en una carpeta o exporte el modelo en un solo archivo</translation>
    </message>
    <message>
        <source>Put it beside the model</source>
        <translation>Póngalo junto al modelo</translation>
    </message>
    <message>
        <source>Queries are learnt and none is selected in the graph, as in DETR: softmax, the last is no object</source>
        <translation>Las consultas son aprendidas y el grafo no selecciona ninguna, como en DETR: softmax, la última es «ningún objeto»</translation>
    </message>
    <message>
        <source>RT-DETR or D-FINE</source>
        <translation>RT-DETR o D-FINE</translation>
    </message>
    <message>
        <source>RT-DETR, D-FINE or DEIM</source>
        <translation>RT-DETR, D-FINE o DEIM</translation>
    </message>
    <message>
        <source>Reading back what runs</source>
        <translation>Lectura de lo que se ejecuta</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Lectura del modelo</translation>
    </message>
    <message>
        <source>Record .mp4 or choose another folder</source>
        <translation>Grabe .mp4 o elija otra carpeta</translation>
    </message>
    <message>
        <source>Record in shorter parts or choose another disk</source>
        <translation>Grabe en partes más cortas o elija otro disco</translation>
    </message>
    <message>
        <source>Rename the file or its folder</source>
        <translation>Cambie el nombre del archivo o de su carpeta</translation>
    </message>
    <message>
        <source>Replace these pictures, or take them out of the annotations</source>
        <translation>Sustituya estas imágenes o quítelas de las anotaciones</translation>
    </message>
    <message>
        <source>Round {number}: measuring {runners} in turn</source>
        <translation>Vuelta {number}: medición de {runners} por turnos</translation>
    </message>
    <message>
        <source>SCHEME://USER:PASSWORD@HOST:PORT/PATH with rtsp, rtsps, http or https</source>
        <translation>ESQUEMA://USUARIO:CONTRASEÑA@HOST:PUERTO/RUTA con rtsp, rtsps, http o https</translation>
    </message>
    <message>
        <source>SHA-256 expected {sha256}, got {found}</source>
        <translation>SHA-256 esperado {sha256}, obtenido {found}</translation>
    </message>
    <message>
        <source>Save a .png</source>
        <translation>Guarde un .png</translation>
    </message>
    <message>
        <source>Save it again as PNG</source>
        <translation>Guárdela de nuevo como PNG</translation>
    </message>
    <message>
        <source>Save it again with 8 or 16 bits</source>
        <translation>Guárdela de nuevo con 8 o 16 bits</translation>
    </message>
    <message>
        <source>Save the model with an older version of the onnx package</source>
        <translation>Guarde el modelo con una versión anterior del paquete onnx</translation>
    </message>
    <message>
        <source>Save them again as PNG or JPEG</source>
        <translation>Guárdelas de nuevo como PNG o JPEG</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; small and fast.</source>
        <translation>Dice cuál de 1000 cosas muestra la imagen completa; pequeño y rápido.</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; smaller and a little more accurate than its predecessor.</source>
        <translation>Dice cuál de 1000 cosas muestra la imagen completa; más pequeño y algo más exacto que su predecesor.</translation>
    </message>
    <message>
        <source>Says which of 1000 things the whole picture shows; the most accurate classifier here, and the largest.</source>
        <translation>Dice cuál de 1000 cosas muestra la imagen completa; el clasificador más exacto de aquí, y el más grande.</translation>
    </message>
    <message>
        <source>Screen {index}</source>
        <translation>Pantalla {index}</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>Segmentación semántica</translation>
    </message>
    <message>
        <source>Separates people from the background, for people close to the camera.</source>
        <translation>Separa a las personas del fondo, para personas cerca de la cámara.</translation>
    </message>
    <message>
        <source>Several cameras have this name</source>
        <translation>Varias cámaras tienen este nombre</translation>
    </message>
    <message>
        <source>Sizes are squared before they are multiplied with anchors, as in YOLOv5 and YOLOv7</source>
        <translation>Los tamaños se elevan al cuadrado antes de multiplicarse por las anclas, como en YOLOv5 y YOLOv7</translation>
    </message>
    <message>
        <source>Start at 0, or choose a number</source>
        <translation>Empiece en 0 o elija un número</translation>
    </message>
    <message>
        <source>Start the program again</source>
        <translation>Inicie el programa de nuevo</translation>
    </message>
    <message>
        <source>Start the program from a desktop, or choose another source</source>
        <translation>Inicie el programa desde un escritorio o elija otra fuente</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Inicio</translation>
    </message>
    <message>
        <source>Starting the runtime</source>
        <translation>Inicio del motor de inferencia</translation>
    </message>
    <message>
        <source>Stay with the original on {badge}: nothing that was tried is faster and within the limit.</source>
        <translation>Siga con el original en {badge}: nada de lo probado es más rápido y está dentro del límite.</translation>
    </message>
    <message>
        <source>Stop it before you start another one</source>
        <translation>Deténgala antes de empezar otra</translation>
    </message>
    <message>
        <source>Strides {levels} have a table of {classes} scores and one of {columns} columns each</source>
        <translation>Los pasos (strides) {levels} tienen cada uno una tabla de {classes} puntuaciones y otra de {columns} columnas</translation>
    </message>
    <message>
        <source>Take {what} on {badge}{value}: {reason}{report}.</source>
        <translation>Use {what} en {badge}{value}: {reason}{report}.</translation>
    </message>
    <message>
        <source>TensorFlow SSD</source>
        <translation>TensorFlow SSD</translation>
    </message>
    <message>
        <source>The .bin file is missing or cut short</source>
        <translation>Falta el archivo .bin o está incompleto</translation>
    </message>
    <message>
        <source>The ONNX file has format version {ir_version}, which is too new</source>
        <translation>El archivo ONNX tiene la versión de formato {ir_version}, que es demasiado nueva</translation>
    </message>
    <message>
        <source>The ONNX file is cut short: what follows the graph is missing</source>
        <translation>El archivo ONNX está incompleto: falta lo que sigue al grafo</translation>
    </message>
    <message>
        <source>The OpenVINO IR has version {version}</source>
        <translation>El OpenVINO IR tiene la versión {version}</translation>
    </message>
    <message>
        <source>The OpenVINO model has no weights</source>
        <translation>El modelo OpenVINO no tiene pesos</translation>
    </message>
    <message>
        <source>The address is not a secure one</source>
        <translation>La dirección no es segura</translation>
    </message>
    <message>
        <source>The annotation file cannot be read</source>
        <translation>No se puede leer el archivo de anotaciones</translation>
    </message>
    <message>
        <source>The annotation file is too large</source>
        <translation>El archivo de anotaciones es demasiado grande</translation>
    </message>
    <message>
        <source>The camera cannot be opened</source>
        <translation>No se puede abrir la cámara</translation>
    </message>
    <message>
        <source>The camera gives no picture</source>
        <translation>La cámara no da imágenes</translation>
    </message>
    <message>
        <source>The certificate of the server is not checked</source>
        <translation>No se comprueba el certificado del servidor</translation>
    </message>
    <message>
        <source>The child process that listed its devices {what}</source>
        <translation>El proceso hijo que listaba sus dispositivos {what}</translation>
    </message>
    <message>
        <source>The class names cannot be read</source>
        <translation>No se pueden leer los nombres de las clases</translation>
    </message>
    <message>
        <source>The command &apos;inferoscope backends&apos; lists what each device can do</source>
        <translation>El comando &apos;inferoscope backends&apos; indica lo que puede hacer cada dispositivo</translation>
    </message>
    <message>
        <source>The compiled model could not be kept for the next start: {strerror}</source>
        <translation>No se pudo conservar el modelo compilado para el próximo inicio: {strerror}</translation>
    </message>
    <message>
        <source>The connection broke off</source>
        <translation>Se cortó la conexión</translation>
    </message>
    <message>
        <source>The connection ended early</source>
        <translation>La conexión terminó antes de tiempo</translation>
    </message>
    <message>
        <source>The correction cannot be written</source>
        <translation>No se puede escribir la corrección</translation>
    </message>
    <message>
        <source>The demo model</source>
        <translation>El modelo de la demo</translation>
    </message>
    <message>
        <source>The detections of all pictures come as one list, which is not read</source>
        <translation>Las detecciones de todas las imágenes llegan en una sola lista, que no se lee</translation>
    </message>
    <message>
        <source>The disk is almost full: {free} MB are free</source>
        <translation>El disco está casi lleno: quedan {free} MB libres</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>El disco está lleno</translation>
    </message>
    <message>
        <source>The disk is read-only</source>
        <translation>El disco es de solo lectura</translation>
    </message>
    <message>
        <source>The disk quota is used up</source>
        <translation>La cuota de disco está agotada</translation>
    </message>
    <message>
        <source>The family {family} cannot read these outputs: {outputs}</source>
        <translation>La familia {family} no puede leer estas salidas: {outputs}</translation>
    </message>
    <message>
        <source>The file cannot be deleted ({reason})</source>
        <translation>No se puede eliminar el archivo ({reason})</translation>
    </message>
    <message>
        <source>The file cannot be opened</source>
        <translation>No se puede abrir el archivo</translation>
    </message>
    <message>
        <source>The file cannot be read ({reason})</source>
        <translation>No se puede leer el archivo ({reason})</translation>
    </message>
    <message>
        <source>The file cannot be written ({strerror})</source>
        <translation>No se puede escribir el archivo ({strerror})</translation>
    </message>
    <message>
        <source>The file for the results could not be opened in time</source>
        <translation>No se pudo abrir a tiempo el archivo de resultados</translation>
    </message>
    <message>
        <source>The file has ONNX IR version {part1}; this ONNX Runtime knows versions up to {part2}</source>
        <translation>El archivo tiene la versión {part1} de ONNX IR; este ONNX Runtime conoce versiones hasta {part2}</translation>
    </message>
    <message>
        <source>The file has become larger than it may be</source>
        <translation>El archivo se ha hecho mayor de lo permitido</translation>
    </message>
    <message>
        <source>The file holds FP16 numbers, but {place} computes them in FP32, slower than an FP32 file</source>
        <translation>El archivo contiene números FP16, pero {place} los calcula en FP32, más despacio que un archivo FP32</translation>
    </message>
    <message>
        <source>The file holds INT8 layers, but {device} computes them in {shares}</source>
        <translation>El archivo contiene capas INT8, pero {device} las calcula en {shares}</translation>
    </message>
    <message>
        <source>The file holds only sound</source>
        <translation>El archivo contiene solo sonido</translation>
    </message>
    <message>
        <source>The file holds text, not a video</source>
        <translation>El archivo contiene texto, no un vídeo</translation>
    </message>
    <message>
        <source>The file is cut off: {there} of {promised} bytes are there</source>
        <translation>El archivo está cortado: hay {there} de {promised} bytes</translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation>El archivo está dañado</translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation>El archivo está vacío</translation>
    </message>
    <message>
        <source>The file is empty (0 bytes)</source>
        <translation>El archivo está vacío (0 bytes)</translation>
    </message>
    <message>
        <source>The file is no longer there</source>
        <translation>El archivo ya no está ahí</translation>
    </message>
    <message>
        <source>The file is not a picture, or it is damaged</source>
        <translation>El archivo no es una imagen o está dañado</translation>
    </message>
    <message>
        <source>The file is not an ONNX model, or it is cut short</source>
        <translation>El archivo no es un modelo ONNX o está incompleto</translation>
    </message>
    <message>
        <source>The file is not an OpenVINO IR, or it is damaged</source>
        <translation>El archivo no es un OpenVINO IR o está dañado</translation>
    </message>
    <message>
        <source>The file is too large for ONNX</source>
        <translation>El archivo es demasiado grande para ONNX</translation>
    </message>
    <message>
        <source>The file leaves the size of the picture free: {width}x{height} is taken, as {source}</source>
        <translation>El archivo deja libre el tamaño de la imagen: se toma {width}x{height}; {source}</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to a runtime</source>
        <translation>El nombre del archivo tiene letras que no se pueden pasar a un motor de inferencia</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the decoder</source>
        <translation>El nombre del archivo tiene letras que no se pueden pasar al decodificador</translation>
    </message>
    <message>
        <source>The file name has letters that cannot be passed on to the encoder</source>
        <translation>El nombre del archivo tiene letras que no se pueden pasar al codificador</translation>
    </message>
    <message>
        <source>The file name is too long</source>
        <translation>El nombre del archivo es demasiado largo</translation>
    </message>
    <message>
        <source>The file that came is not the one in the catalogue, so it was deleted</source>
        <translation>El archivo recibido no es el del catálogo, así que se eliminó</translation>
    </message>
    <message>
        <source>The file with the model&apos;s weights is missing</source>
        <translation>Falta el archivo con los pesos del modelo</translation>
    </message>
    <message>
        <source>The folder cannot be read</source>
        <translation>No se puede leer la carpeta</translation>
    </message>
    <message>
        <source>The folder cannot be read ({strerror}): {folder}</source>
        <translation>No se puede leer la carpeta ({strerror}): {folder}</translation>
    </message>
    <message>
        <source>The folder does not exist</source>
        <translation>La carpeta no existe</translation>
    </message>
    <message>
        <source>The folder has no pictures</source>
        <translation>La carpeta no tiene imágenes</translation>
    </message>
    <message>
        <source>The folder is not available: {folder}</source>
        <translation>La carpeta no está disponible: {folder}</translation>
    </message>
    <message>
        <source>The graph begins by normalising the picture: it takes 0 to 1</source>
        <translation>El grafo empieza normalizando la imagen: recibe de 0 a 1</translation>
    </message>
    <message>
        <source>The graph begins by scaling the picture: it takes 0 to 255</source>
        <translation>El grafo empieza escalando la imagen: recibe de 0 a 255</translation>
    </message>
    <message>
        <source>The graph ends with the exponential of sizes, the grid and the strides: decoded YOLOX boxes</source>
        <translation>El grafo termina con la exponencial de los tamaños, la cuadrícula y los pasos (strides): cajas de YOLOX decodificadas</translation>
    </message>
    <message>
        <source>The graph has branches or loops ({found}), which this recipe cannot take</source>
        <translation>El grafo tiene ramas o bucles ({found}), que esta receta no admite</translation>
    </message>
    <message>
        <source>The graph has operators that need a plug-in of the runtime: {found}</source>
        <translation>El grafo tiene operadores que necesitan un complemento del motor de inferencia: {found}</translation>
    </message>
    <message>
        <source>The graph is too large to be a vision model</source>
        <translation>El grafo es demasiado grande para ser un modelo de visión</translation>
    </message>
    <message>
        <source>The graph itself picks the best candidates (TopK)</source>
        <translation>El propio grafo elige los mejores candidatos (TopK)</translation>
    </message>
    <message>
        <source>The graph picks the best queries (TopK) and has no NMS</source>
        <translation>El grafo elige las mejores consultas (TopK) y no tiene NMS</translation>
    </message>
    <message>
        <source>The graph selects queries or samples at points (TopK, GridSample): scores by sigmoid</source>
        <translation>El grafo selecciona consultas o muestrea en puntos (TopK, GridSample): puntuaciones por sigmoide</translation>
    </message>
    <message>
        <source>The graph turns boxes with sine and cosine</source>
        <translation>El grafo gira las cajas con seno y coseno</translation>
    </message>
    <message>
        <source>The head turns distance distributions into boxes (DFL), as YOLOv8 and later do</source>
        <translation>La cabeza convierte distribuciones de distancias en cajas (DFL), como YOLOv8 y posteriores</translation>
    </message>
    <message>
        <source>The input takes bytes</source>
        <translation>La entrada recibe bytes</translation>
    </message>
    <message>
        <source>The input takes bytes: scaling is inside the graph</source>
        <translation>La entrada recibe bytes: el escalado está dentro del grafo</translation>
    </message>
    <message>
        <source>The input {spec} has the shape {declared}</source>
        <translation>La entrada {spec} tiene la forma {declared}</translation>
    </message>
    <message>
        <source>The input {spec} has the type {dtype}, in which no picture can be given</source>
        <translation>La entrada {spec} es del tipo {dtype}, en el que no se puede dar ninguna imagen</translation>
    </message>
    <message>
        <source>The input {spec} takes whole numbers ({dtype}), which cannot be scaled</source>
        <translation>La entrada {spec} recibe números enteros ({dtype}), que no se pueden escalar</translation>
    </message>
    <message>
        <source>The installed ONNX Runtime was built without {name}</source>
        <translation>El ONNX Runtime instalado se creó sin {name}</translation>
    </message>
    <message>
        <source>The lane is closed</source>
        <translation>La vía de inferencia está cerrada</translation>
    </message>
    <message>
        <source>The library that builds it cannot take this model</source>
        <translation>La biblioteca que la crea no admite este modelo</translation>
    </message>
    <message>
        <source>The library that builds it has no such operator: {unknown}</source>
        <translation>La biblioteca que la crea no tiene este operador: {unknown}</translation>
    </message>
    <message>
        <source>The list of models cannot be kept ({reason})</source>
        <translation>No se puede conservar la lista de modelos ({reason})</translation>
    </message>
    <message>
        <source>The list of models cannot be read ({error}): {path}</source>
        <translation>No se puede leer la lista de modelos ({error}): {path}</translation>
    </message>
    <message>
        <source>The metadata names {classes} classes, as many as the outputs have</source>
        <translation>Los metadatos nombran {classes} clases, tantas como tienen las salidas</translation>
    </message>
    <message>
        <source>The metadata says NMS was exported with the model</source>
        <translation>Los metadatos dicen que el NMS se exportó con el modelo</translation>
    </message>
    <message>
        <source>The metadata says the head is end to end</source>
        <translation>Los metadatos dicen que la cabeza es de extremo a extremo</translation>
    </message>
    <message>
        <source>The metadata says the task is classify</source>
        <translation>Los metadatos dicen que la tarea es clasificar</translation>
    </message>
    <message>
        <source>The metadata says the task is semantic segmentation</source>
        <translation>Los metadatos dicen que la tarea es segmentación semántica</translation>
    </message>
    <message>
        <source>The metadata says the task is {task}</source>
        <translation>Los metadatos dicen que la tarea es {task}</translation>
    </message>
    <message>
        <source>The metadata says there are {keypoints} keypoints of {dims} numbers</source>
        <translation>Los metadatos dicen que hay {keypoints} puntos clave de {dims} números</translation>
    </message>
    <message>
        <source>The model asks for an input {tensor} ({shape} {dtype}) beside the picture, of which nothing is known</source>
        <translation>El modelo pide, además de la imagen, una entrada {tensor} ({shape} {dtype}) de la que no se sabe nada</translation>
    </message>
    <message>
        <source>The model did not come back from an inference within {hang_s} s</source>
        <translation>El modelo no volvió de una inferencia en {hang_s} s</translation>
    </message>
    <message>
        <source>The model did not finish its first run within {warm_up_limit_s} s</source>
        <translation>El modelo no terminó su primera ejecución en {warm_up_limit_s} s</translation>
    </message>
    <message>
        <source>The model did not give this output</source>
        <translation>El modelo no dio esta salida</translation>
    </message>
    <message>
        <source>The model does not run</source>
        <translation>El modelo no funciona</translation>
    </message>
    <message>
        <source>The model does not run{reason}</source>
        <translation>El modelo no funciona{reason}</translation>
    </message>
    <message>
        <source>The model does not take this input size</source>
        <translation>El modelo no admite este tamaño de entrada</translation>
    </message>
    <message>
        <source>The model failed while running</source>
        <translation>El modelo falló durante la ejecución</translation>
    </message>
    <message>
        <source>The model finds no boxes, so it has no mean average precision</source>
        <translation>El modelo no encuentra cajas, así que no tiene precisión media (mAP)</translation>
    </message>
    <message>
        <source>The model finds nothing on these frames, so nothing can be proven</source>
        <translation>El modelo no detecta nada en estos fotogramas, así que no se puede demostrar nada</translation>
    </message>
    <message>
        <source>The model gives masks too; they are not shown</source>
        <translation>El modelo también da máscaras; no se muestran</translation>
    </message>
    <message>
        <source>The model has an input that the card does not fill: {name}</source>
        <translation>El modelo tiene una entrada que la ficha no cubre: {name}</translation>
    </message>
    <message>
        <source>The model has inputs that the card does not fill: {part1}</source>
        <translation>El modelo tiene entradas que la ficha no cubre: {part1}</translation>
    </message>
    <message>
        <source>The model has no convolution or matrix product that could be quantised</source>
        <translation>El modelo no tiene convoluciones ni productos de matrices que se puedan cuantizar</translation>
    </message>
    <message>
        <source>The model is closed</source>
        <translation>El modelo está cerrado</translation>
    </message>
    <message>
        <source>The model is in half precision already</source>
        <translation>El modelo ya está en media precisión</translation>
    </message>
    <message>
        <source>The model is quantised already</source>
        <translation>El modelo ya está cuantizado</translation>
    </message>
    <message>
        <source>The model is too large to be rebuilt</source>
        <translation>El modelo es demasiado grande para reconstruirlo</translation>
    </message>
    <message>
        <source>The model names a weight file outside its own folder, {location}: refused</source>
        <translation>El modelo nombra un archivo de pesos fuera de su carpeta, {location}: rechazado</translation>
    </message>
    <message>
        <source>The model needs opset {part1}; this ONNX Runtime knows opsets up to {part2}</source>
        <translation>El modelo necesita el opset {part1}; este ONNX Runtime conoce opsets hasta el {part2}</translation>
    </message>
    <message>
        <source>The model takes no picture, its inputs are: {taken}</source>
        <translation>El modelo no recibe imágenes; sus entradas son: {taken}</translation>
    </message>
    <message>
        <source>The model takes pictures of {spec}, which is too large</source>
        <translation>El modelo recibe imágenes de {spec}, que es demasiado grande</translation>
    </message>
    <message>
        <source>The model uses ONNX opset {opset}, which is too new</source>
        <translation>El modelo usa el opset {opset} de ONNX, que es demasiado nuevo</translation>
    </message>
    <message>
        <source>The model wants a {part2} as its input, the card gives a {part1}</source>
        <translation>El modelo quiere {part2} como entrada; la ficha da {part1}</translation>
    </message>
    <message>
        <source>The model was closed, for it served no stream</source>
        <translation>El modelo se cerró porque no servía a ningún flujo</translation>
    </message>
    <message>
        <source>The model {what} in its trial run</source>
        <translation>El modelo {what} en su ejecución de prueba</translation>
    </message>
    <message>
        <source>The model&apos;s own section model_info says how pictures are prepared</source>
        <translation>La sección model_info del propio modelo dice cómo se preparan las imágenes</translation>
    </message>
    <message>
        <source>The model&apos;s weight file {location} is cut short</source>
        <translation>El archivo de pesos del modelo {location} está incompleto</translation>
    </message>
    <message>
        <source>The model&apos;s weights are in another file, {location}, which is not there</source>
        <translation>Los pesos del modelo están en otro archivo, {location}, que no está ahí</translation>
    </message>
    <message>
        <source>The model&apos;s {class_names} classes are not the {categories} categories of the annotations</source>
        <translation>Las {class_names} clases del modelo no son las {categories} categorías de las anotaciones</translation>
    </message>
    <message>
        <source>The only output is one number for each of {classes} classes</source>
        <translation>La única salida es un número por cada una de {classes} clases</translation>
    </message>
    <message>
        <source>The original</source>
        <translation>El original</translation>
    </message>
    <message>
        <source>The original finds nothing on the frames, so nothing can be compared</source>
        <translation>El original no detecta nada en los fotogramas, así que no se puede comparar nada</translation>
    </message>
    <message>
        <source>The output has a number or a colour for each pixel, as depth, saliency and picture-making models give</source>
        <translation>La salida tiene un número o un color por píxel, como los modelos de profundidad, prominencia o generación de imágenes</translation>
    </message>
    <message>
        <source>The output has a plane for each of {channels} classes, {output}x{output2} pixels</source>
        <translation>La salida tiene un plano por cada una de {channels} clases, {output}x{output2} píxeles</translation>
    </message>
    <message>
        <source>The output has rows of 7: picture, label, score and the corners of a box</source>
        <translation>La salida tiene filas de 7: imagen, etiqueta, puntuación y esquinas de una caja</translation>
    </message>
    <message>
        <source>The output has the shape {array}</source>
        <translation>La salida tiene la forma {array}</translation>
    </message>
    <message>
        <source>The output has {output} rows of {columns} numbers, fewer than the grid has cells</source>
        <translation>La salida tiene {output} filas de {columns} números, menos que celdas tiene la cuadrícula</translation>
    </message>
    <message>
        <source>The output is a whole number for every pixel</source>
        <translation>La salida es un número entero por cada píxel</translation>
    </message>
    <message>
        <source>The output is named {output}</source>
        <translation>La salida se llama {output}</translation>
    </message>
    <message>
        <source>The output joins 4 box channels and {classes} scores behind a sigmoid, nothing else</source>
        <translation>La salida une 4 canales de caja y {classes} puntuaciones tras una sigmoide, nada más</translation>
    </message>
    <message>
        <source>The output joins 4 box channels, {classes} scores and {masks} mask coefficients</source>
        <translation>La salida une 4 canales de caja, {classes} puntuaciones y {masks} coeficientes de máscara</translation>
    </message>
    <message>
        <source>The outputs are a count, boxes, scores and classes, best first</source>
        <translation>Las salidas son número, cajas, puntuaciones y clases, lo mejor primero</translation>
    </message>
    <message>
        <source>The outputs are named as TensorFlow&apos;s object detection API names them</source>
        <translation>Las salidas se llaman como en la API de detección de objetos de TensorFlow</translation>
    </message>
    <message>
        <source>The outputs are named cls, obj, bbox and kps with their strides, as YuNet&apos;s exporter does</source>
        <translation>Las salidas se llaman cls, obj, bbox y kps con sus pasos (strides), como hace el exportador de YuNet</translation>
    </message>
    <message>
        <source>The outputs are named {logits} and {boxes}, as DETR and its kin name them</source>
        <translation>Las salidas se llaman {logits} y {boxes}, como en DETR y sus parientes</translation>
    </message>
    <message>
        <source>The outputs are raw grids, whose anchors are not in the file</source>
        <translation>Las salidas son cuadrículas sin decodificar, cuyas anclas no están en el archivo</translation>
    </message>
    <message>
        <source>The outputs have no layout that the program knows: {shown}{more}</source>
        <translation>Las salidas no tienen ninguna disposición que el programa conozca: {shown}{more}</translation>
    </message>
    <message>
        <source>The outputs hold {number} pictures</source>
        <translation>Las salidas contienen {number} imágenes</translation>
    </message>
    <message>
        <source>The outputs seem to have {count} classes; they are shown as numbers</source>
        <translation>Las salidas parecen tener {count} clases; se muestran como números</translation>
    </message>
    <message>
        <source>The picture cannot be decoded</source>
        <translation>No se puede decodificar la imagen</translation>
    </message>
    <message>
        <source>The picture file is larger than {most_bytes} MiB</source>
        <translation>El archivo de imagen ocupa más de {most_bytes} MiB</translation>
    </message>
    <message>
        <source>The picture goes in as height, width, channels, as TensorFlow has it</source>
        <translation>La imagen entra como alto, ancho, canales, como en TensorFlow</translation>
    </message>
    <message>
        <source>The picture goes in without a batch axis</source>
        <translation>La imagen entra sin eje de lote</translation>
    </message>
    <message>
        <source>The picture has more than {most_pixels} million pixels</source>
        <translation>La imagen tiene más de {most_pixels} millones de píxeles</translation>
    </message>
    <message>
        <source>The picture is cut off</source>
        <translation>La imagen está cortada</translation>
    </message>
    <message>
        <source>The pictures of the video cannot be decoded</source>
        <translation>No se pueden decodificar las imágenes del vídeo</translation>
    </message>
    <message>
        <source>The precision {precision} is not to be had here: {reason}</source>
        <translation>La precisión numérica {precision} no está disponible aquí: {reason}</translation>
    </message>
    <message>
        <source>The process that built {kind} {what}</source>
        <translation>El proceso que creaba {kind} {what}</translation>
    </message>
    <message>
        <source>The proxy of this network does not let us through</source>
        <translation>El proxy de esta red no deja pasar la conexión</translation>
    </message>
    <message>
        <source>The recording was not converted to {suffix} but is kept: {what}</source>
        <translation>La grabación no se convirtió a {suffix}, pero se conserva: {what}</translation>
    </message>
    <message>
        <source>The results could not be taken</source>
        <translation>No se pudieron recibir los resultados</translation>
    </message>
    <message>
        <source>The results could not be written</source>
        <translation>No se pudieron escribir los resultados</translation>
    </message>
    <message>
        <source>The runtime of this backend cannot be loaded</source>
        <translation>No se puede cargar el motor de inferencia de este backend</translation>
    </message>
    <message>
        <source>The screen gives no picture</source>
        <translation>La pantalla no da imágenes</translation>
    </message>
    <message>
        <source>The server does not answer</source>
        <translation>El servidor no responde</translation>
    </message>
    <message>
        <source>The server does not have this file</source>
        <translation>El servidor no tiene este archivo</translation>
    </message>
    <message>
        <source>The server has trouble ({status})</source>
        <translation>El servidor tiene problemas ({status})</translation>
    </message>
    <message>
        <source>The server no longer has the part that is missing</source>
        <translation>El servidor ya no tiene la parte que falta</translation>
    </message>
    <message>
        <source>The server offers another file than the one in the catalogue ({found})</source>
        <translation>El servidor ofrece un archivo distinto al del catálogo ({found})</translation>
    </message>
    <message>
        <source>The server refuses to give this file</source>
        <translation>El servidor se niega a dar este archivo</translation>
    </message>
    <message>
        <source>The server sends us round in circles</source>
        <translation>El servidor redirige en círculos</translation>
    </message>
    <message>
        <source>The server sent another part than the one that was missing</source>
        <translation>El servidor envió una parte distinta a la que faltaba</translation>
    </message>
    <message>
        <source>The server stopped sending</source>
        <translation>El servidor dejó de enviar</translation>
    </message>
    <message>
        <source>The server&apos;s certificate cannot be trusted</source>
        <translation>El certificado del servidor no es de confianza</translation>
    </message>
    <message>
        <source>The server&apos;s name cannot be found: there may be no network</source>
        <translation>No se encuentra el nombre del servidor: quizá no haya red</translation>
    </message>
    <message>
        <source>The source failed</source>
        <translation>La fuente falló</translation>
    </message>
    <message>
        <source>The stored correction of this model cannot be read</source>
        <translation>No se puede leer la corrección guardada de este modelo</translation>
    </message>
    <message>
        <source>The task failed unexpectedly</source>
        <translation>La tarea falló de forma inesperada</translation>
    </message>
    <message>
        <source>The task is not done yet</source>
        <translation>La tarea aún no ha terminado</translation>
    </message>
    <message>
        <source>The variant would not be taken for what the original is: its {different} differ</source>
        <translation>La variante no se tomaría por lo que es el original: difiere en {different}</translation>
    </message>
    <message>
        <source>The variant would replace the model</source>
        <translation>La variante reemplazaría al modelo</translation>
    </message>
    <message>
        <source>The video could not be written to its end: the disk is full or the file too large</source>
        <translation>El vídeo no se pudo escribir hasta el final: el disco está lleno o el archivo es demasiado grande</translation>
    </message>
    <message>
        <source>The video encoder does not start for {size}x{size2} at {rate_hz} pictures/s</source>
        <translation>El codificador de vídeo no arranca para {size}x{size2} a {rate_hz} imágenes/s</translation>
    </message>
    <message>
        <source>The video is cut off: the index at its end is missing</source>
        <translation>El vídeo está cortado: falta el índice del final</translation>
    </message>
    <message>
        <source>The weights of the OpenVINO model are cut short</source>
        <translation>Los pesos del modelo OpenVINO están incompletos</translation>
    </message>
    <message>
        <source>The {source} names {names} classes, but the outputs have {count}</source>
        <translation>Según {source} hay {names} clases, pero las salidas tienen {count}</translation>
    </message>
    <message>
        <source>Their lengths are those of strides {str} on {size}x{size2}</source>
        <translation>Sus longitudes son las de los pasos (strides) {str} en {size}x{size2}</translation>
    </message>
    <message>
        <source>There are 80 classes, as in COCO</source>
        <translation>Hay 80 clases, como en COCO</translation>
    </message>
    <message>
        <source>There are boxes, whole-number labels and scores</source>
        <translation>Hay cajas, etiquetas enteras y puntuaciones</translation>
    </message>
    <message>
        <source>There are labels, boxes and scores for a fixed number of queries</source>
        <translation>Hay etiquetas, cajas y puntuaciones para un número fijo de consultas</translation>
    </message>
    <message>
        <source>There are no class names inside</source>
        <translation>No contiene nombres de clases</translation>
    </message>
    <message>
        <source>There are no stored weights of convolutions or matrix products to prune</source>
        <translation>No hay pesos guardados de convoluciones o productos de matrices que podar</translation>
    </message>
    <message>
        <source>There are too few frames to hold some out: agreement is measured on canvases themselves</source>
        <translation>Hay muy pocos fotogramas para reservar algunos: la concordancia se mide en los propios lienzos</translation>
    </message>
    <message>
        <source>There are {boxes} queries with a box and {logits} logits each</source>
        <translation>Hay {boxes} consultas con una caja y {logits} logits cada una</translation>
    </message>
    <message>
        <source>There is a file where the folder should be</source>
        <translation>Hay un archivo donde debería estar la carpeta</translation>
    </message>
    <message>
        <source>There is no display whose picture can be taken</source>
        <translation>No hay ninguna pantalla cuya imagen se pueda capturar</translation>
    </message>
    <message>
        <source>There is no family {family}</source>
        <translation>No existe la familia {family}</translation>
    </message>
    <message>
        <source>There is no setting {key}</source>
        <translation>No existe el ajuste {key}</translation>
    </message>
    <message>
        <source>There is no such backend</source>
        <translation>No existe ese backend</translation>
    </message>
    <message>
        <source>There is no such camera</source>
        <translation>No existe esa cámara</translation>
    </message>
    <message>
        <source>There is no such file</source>
        <translation>No existe ese archivo</translation>
    </message>
    <message>
        <source>There is no such screen</source>
        <translation>No existe esa pantalla</translation>
    </message>
    <message>
        <source>There is no such variant</source>
        <translation>No existe esa variante</translation>
    </message>
    <message>
        <source>There is not enough memory</source>
        <translation>No hay memoria suficiente</translation>
    </message>
    <message>
        <source>There is too little memory beside the others.</source>
        <translation>Hay muy poca memoria junto a los demás.</translation>
    </message>
    <message>
        <source>There is too little space on the disk</source>
        <translation>Hay muy poco espacio en el disco</translation>
    </message>
    <message>
        <source>They are made by EfficientNMS</source>
        <translation>Las hace EfficientNMS</translation>
    </message>
    <message>
        <source>They have no batch axis, as torchvision&apos;s detectors give them</source>
        <translation>No tienen eje de lote, como los dan los detectores de torchvision</translation>
    </message>
    <message>
        <source>This OpenCV cannot use {device} on this computer</source>
        <translation>Este OpenCV no puede usar {device} en este equipo</translation>
    </message>
    <message>
        <source>This file was not downloaded by the program</source>
        <translation>El programa no descargó este archivo</translation>
    </message>
    <message>
        <source>This is RT-DETR with boxes and scores in one table, which is not read</source>
        <translation>Es RT-DETR con cajas y puntuaciones en una sola tabla, que no se lee</translation>
    </message>
    <message>
        <source>This is a YOLOv5 segmentation model, whose masks are not read</source>
        <translation>Es un modelo de segmentación YOLOv5, cuyas máscaras no se leen</translation>
    </message>
    <message>
        <source>This is a folder</source>
        <translation>Es una carpeta</translation>
    </message>
    <message>
        <source>This is a language model: it takes text</source>
        <translation>Es un modelo de lenguaje: recibe texto</translation>
    </message>
    <message>
        <source>This is an audio model: it takes sound</source>
        <translation>Es un modelo de audio: recibe sonido</translation>
    </message>
    <message>
        <source>This is neither a file nor an address</source>
        <translation>No es ni un archivo ni una dirección</translation>
    </message>
    <message>
        <source>This is no setting</source>
        <translation>No es un ajuste</translation>
    </message>
    <message>
        <source>This is not a COCO annotation file</source>
        <translation>No es un archivo de anotaciones COCO</translation>
    </message>
    <message>
        <source>This is not a plain file</source>
        <translation>No es un archivo corriente</translation>
    </message>
    <message>
        <source>This is not a source</source>
        <translation>No es una fuente</translation>
    </message>
    <message>
        <source>This is not an address of a stream</source>
        <translation>No es la dirección de un flujo</translation>
    </message>
    <message>
        <source>This is {kind}, not a model that can be run</source>
        <translation>Es {kind}, no un modelo que se pueda ejecutar</translation>
    </message>
    <message>
        <source>This looks like a detector with landmarks other than YuNet of 2023 (RetinaFace, SCRFD, older YuNet)</source>
        <translation>Parece un detector con puntos faciales distinto de YuNet de 2023 (RetinaFace, SCRFD, YuNet anterior)</translation>
    </message>
    <message>
        <source>This model</source>
        <translation>Este modelo</translation>
    </message>
    <message>
        <source>Try again later</source>
        <translation>Inténtelo más tarde</translation>
    </message>
    <message>
        <source>Try again; if it happens again, the file was changed at its source</source>
        <translation>Reintente; si vuelve a ocurrir, el archivo cambió en su origen</translation>
    </message>
    <message>
        <source>Trying coarse choices</source>
        <translation>Prueba de opciones gruesas</translation>
    </message>
    <message>
        <source>Trying lanes and threads</source>
        <translation>Prueba de vías e hilos</translation>
    </message>
    <message>
        <source>Trying symmetric activations</source>
        <translation>Prueba de activaciones simétricas</translation>
    </message>
    <message>
        <source>Trying the new model in a process of its own</source>
        <translation>Prueba del modelo en otro proceso</translation>
    </message>
    <message>
        <source>Trying the widest ranges</source>
        <translation>Prueba de los rangos más amplios</translation>
    </message>
    <message>
        <source>Trying what is here</source>
        <translation>Prueba de lo que hay aquí</translation>
    </message>
    <message>
        <source>Under Wayland windows of other programs may stay black</source>
        <translation>Con Wayland, las ventanas de otros programas pueden quedar en negro</translation>
    </message>
    <message>
        <source>Unexpected {name}: {error}.</source>
        <translation>{name} inesperado: {error}.</translation>
    </message>
    <message>
        <source>Unpack it and choose the model inside</source>
        <translation>Descomprímalo y elija el modelo que contiene</translation>
    </message>
    <message>
        <source>Use a batch of 1</source>
        <translation>Use un lote de 1</translation>
    </message>
    <message>
        <source>Use face_detection_yunet_2023mar or later for faces</source>
        <translation>Use face_detection_yunet_2023mar o posterior para rostros</translation>
    </message>
    <message>
        <source>Waiting for an earlier compilation to end</source>
        <translation>Espera de una compilación anterior</translation>
    </message>
    <message>
        <source>Waiting for the connection of before to close</source>
        <translation>A la espera de que se cierre la conexión anterior</translation>
    </message>
    <message>
        <source>Warming up</source>
        <translation>Calentamiento</translation>
    </message>
    <message>
        <source>Weights in 7 bits: this processor cuts off sums of 8-bit products</source>
        <translation>Pesos de 7 bits: este procesador recorta las sumas de productos de 8 bits</translation>
    </message>
    <message>
        <source>Weights in half precision</source>
        <translation>Pesos en media precisión</translation>
    </message>
    <message>
        <source>Were pixels normalised as for ImageNet (taken), or to -1 to 1?</source>
        <translation>¿Se normalizaron los píxeles como para ImageNet (lo supuesto) o a -1 a 1?</translation>
    </message>
    <message>
        <source>What are the classes called? Their number does not show in the graph</source>
        <translation>¿Cómo se llaman las clases? Su número no se ve en el grafo</translation>
    </message>
    <message>
        <source>What is known of the original beside its file is remembered on this computer for the variant</source>
        <translation>Lo que se sabe del original fuera de su archivo se recuerda en este equipo para la variante</translation>
    </message>
    <message>
        <source>Where it lies is not remembered: {file}</source>
        <translation>No se recuerda dónde está: {file}</translation>
    </message>
    <message>
        <source>Which range do pixels have, -1 to 1 (taken) or another?</source>
        <translation>¿Qué intervalo tienen los píxeles, -1 a 1 (lo supuesto) u otro?</translation>
    </message>
    <message>
        <source>Write special characters percent-encoded: @ as %40, : as %3A, / as %2F, # as %23, ? as %3F</source>
        <translation>Escriba los caracteres especiales codificados con porcentaje: @ como %40, : como %3A, / como %2F, # como %23, ? como %3F</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Escritura</translation>
    </message>
    <message>
        <source>Writing the archive</source>
        <translation>Escritura del archivo comprimido</translation>
    </message>
    <message>
        <source>YOLO with NMS in the graph</source>
        <translation>YOLO con NMS en el grafo</translation>
    </message>
    <message>
        <source>YOLO, end to end</source>
        <translation>YOLO, de extremo a extremo</translation>
    </message>
    <message>
        <source>YOLOv5 or YOLOv7</source>
        <translation>YOLOv5 o YOLOv7</translation>
    </message>
    <message>
        <source>YOLOv8 or later</source>
        <translation>YOLOv8 o posterior</translation>
    </message>
    <message>
        <source>a GGUF file</source>
        <translation>un archivo GGUF</translation>
    </message>
    <message>
        <source>a Git LFS pointer</source>
        <translation>un puntero de Git LFS</translation>
    </message>
    <message>
        <source>a Keras file</source>
        <translation>un archivo de Keras</translation>
    </message>
    <message>
        <source>a Python pickle</source>
        <translation>un pickle de Python</translation>
    </message>
    <message>
        <source>a TensorFlow Lite file</source>
        <translation>un archivo de TensorFlow Lite</translation>
    </message>
    <message>
        <source>a TensorRT engine</source>
        <translation>un motor TensorRT</translation>
    </message>
    <message>
        <source>a camera that is plugged in</source>
        <translation>una cámara conectada</translation>
    </message>
    <message>
        <source>a desktop session that programs may take pictures of</source>
        <translation>una sesión de escritorio que los programas puedan capturar</translation>
    </message>
    <message>
        <source>a detector, segmenter, pose model or classifier of a known layout</source>
        <translation>un modelo de detección, segmentación, pose o clasificación de disposición conocida</translation>
    </message>
    <message>
        <source>a file name inside the model&apos;s folder</source>
        <translation>un nombre de archivo dentro de la carpeta del modelo</translation>
    </message>
    <message>
        <source>a file that you may read</source>
        <translation>un archivo que usted pueda leer</translation>
    </message>
    <message>
        <source>a file, a folder of pictures, camera:0, camera:NAME, rtsp://.., http://.., screen:0 or demo</source>
        <translation>un archivo, una carpeta de imágenes, camera:0, camera:NOMBRE, rtsp://.., http://.., screen:0 o demo</translation>
    </message>
    <message>
        <source>a float model</source>
        <translation>un modelo en coma flotante</translation>
    </message>
    <message>
        <source>a model in ONNX Runtime&apos;s own format</source>
        <translation>un modelo en el formato propio de ONNX Runtime</translation>
    </message>
    <message>
        <source>a model with a picture input of 1 or 3 channels, such as 1x3x640x640</source>
        <translation>un modelo con una imagen de 1 o 3 canales como entrada, como 1x3x640x640</translation>
    </message>
    <message>
        <source>a name in UTF-8</source>
        <translation>un nombre en UTF-8</translation>
    </message>
    <message>
        <source>a picture (jpg, png, webp, bmp, tif, ppm, jp2 or avif)</source>
        <translation>una imagen (jpg, png, webp, bmp, tif, ppm, jp2 o avif)</translation>
    </message>
    <message>
        <source>a picture alone, or with sizes or thresholds</source>
        <translation>una imagen sola, o con tamaños o umbrales</translation>
    </message>
    <message>
        <source>a picture could not be decoded</source>
        <translation>no se pudo decodificar una imagen</translation>
    </message>
    <message>
        <source>a picture, and inputs with known values</source>
        <translation>una imagen y entradas con valores conocidos</translation>
    </message>
    <message>
        <source>a video file (mp4, mov, mkv, webm, avi, ts ..)</source>
        <translation>un archivo de vídeo (mp4, mov, mkv, webm, avi, ts ..)</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>una página web</translation>
    </message>
    <message>
        <source>a whole .onnx file</source>
        <translation>un archivo .onnx completo</translation>
    </message>
    <message>
        <source>a whole file</source>
        <translation>un archivo completo</translation>
    </message>
    <message>
        <source>a zip archive or a PyTorch file</source>
        <translation>un archivo zip o de PyTorch</translation>
    </message>
    <message>
        <source>an .onnx file</source>
        <translation>un archivo .onnx</translation>
    </message>
    <message>
        <source>an .onnx file, or the .xml of an OpenVINO IR</source>
        <translation>un archivo .onnx, o el .xml de un OpenVINO IR</translation>
    </message>
    <message>
        <source>an .xml written by OpenVINO</source>
        <translation>un .xml escrito por OpenVINO</translation>
    </message>
    <message>
        <source>an FP32 model</source>
        <translation>un modelo FP32</translation>
    </message>
    <message>
        <source>an array ({lengths})</source>
        <translation>una matriz ({lengths})</translation>
    </message>
    <message>
        <source>an input such as 1x3x640x640</source>
        <translation>una entrada como 1x3x640x640</translation>
    </message>
    <message>
        <source>an unknown error</source>
        <translation>un error desconocido</translation>
    </message>
    <message>
        <source>an unknown precision</source>
        <translation>una precisión numérica desconocida</translation>
    </message>
    <message>
        <source>are left out</source>
        <translation>se omiten</translation>
    </message>
    <message>
        <source>at least {free_bytes} MB</source>
        <translation>al menos {free_bytes} MB</translation>
    </message>
    <message>
        <source>at most 1 GiB</source>
        <translation>como máximo 1 GiB</translation>
    </message>
    <message>
        <source>at most {largest_side}x{largest_side2} pixels and {largest_batch} pictures at once</source>
        <translation>como máximo {largest_side}x{largest_side2} píxeles y {largest_batch} imágenes a la vez</translation>
    </message>
    <message>
        <source>cannot be opened again</source>
        <translation>no se puede volver a abrir</translation>
    </message>
    <message>
        <source>class names</source>
        <translation>los nombres de las clases</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>columnas</translation>
    </message>
    <message>
        <source>connection refused</source>
        <translation>conexión rechazada</translation>
    </message>
    <message>
        <source>correction</source>
        <translation>corrección</translation>
    </message>
    <message>
        <source>crashed the runtime ({end_s})</source>
        <translation>hizo caer el motor de inferencia ({end_s})</translation>
    </message>
    <message>
        <source>decoder&apos;s options</source>
        <translation>las opciones del decodificador</translation>
    </message>
    <message>
        <source>did not finish within {seconds} s</source>
        <translation>no terminó en {seconds} s</translation>
    </message>
    <message>
        <source>files such as .jpg or .png directly in it</source>
        <translation>archivos como .jpg o .png directamente en ella</translation>
    </message>
    <message>
        <source>float32, float16 or uint8</source>
        <translation>float32, float16 o uint8</translation>
    </message>
    <message>
        <source>format version {ir_version} or older</source>
        <translation>versión de formato {ir_version} o anterior</translation>
    </message>
    <message>
        <source>four axes: batch, channels, height, width</source>
        <translation>cuatro ejes: lote, canales, alto, ancho</translation>
    </message>
    <message>
        <source>frames to calibrate with</source>
        <translation>fotogramas para calibrar</translation>
    </message>
    <message>
        <source>gives no picture</source>
        <translation>no da imágenes</translation>
    </message>
    <message>
        <source>invalid dimensions for input</source>
        <translation>dimensiones de entrada no válidas</translation>
    </message>
    <message>
        <source>is not plugged in</source>
        <translation>no está conectada</translation>
    </message>
    <message>
        <source>is usual for {candidate}</source>
        <translation>es lo habitual para {candidate}</translation>
    </message>
    <message>
        <source>it answers after {latency_p50_ms} ms, {way} times as quickly as</source>
        <translation>responde tras {latency_p50_ms} ms, {way} veces la rapidez de</translation>
    </message>
    <message>
        <source>it takes no node of a network</source>
        <translation>no recibe ningún nodo de una red</translation>
    </message>
    <message>
        <source>it was played to its end</source>
        <translation>se reprodujo hasta el final</translation>
    </message>
    <message>
        <source>its agreement of {agreement} is below the limit of {limit}</source>
        <translation>su concordancia del {agreement} está por debajo del límite del {limit}</translation>
    </message>
    <message>
        <source>its codec is not named</source>
        <translation>no se indica su códec</translation>
    </message>
    <message>
        <source>its mAP is {accuracy} instead of {map}</source>
        <translation>su mAP es {accuracy} en lugar de {map}</translation>
    </message>
    <message>
        <source>its metadata says</source>
        <translation>así lo dicen sus metadatos</translation>
    </message>
    <message>
        <source>its nodes form a circle</source>
        <translation>sus nodos forman un círculo</translation>
    </message>
    <message>
        <source>its pictures came {lag_s} s late</source>
        <translation>sus imágenes llegaron con {lag_s} s de retraso</translation>
    </message>
    <message>
        <source>key points</source>
        <translation>los puntos clave</translation>
    </message>
    <message>
        <source>key=value, such as family=yolox</source>
        <translation>clave=valor, como family=yolox</translation>
    </message>
    <message>
        <source>known set {known}</source>
        <translation>conjunto conocido {known}</translation>
    </message>
    <message>
        <source>less than 2 GB</source>
        <translation>menos de 2 GB</translation>
    </message>
    <message>
        <source>mean 0 and scale 1</source>
        <translation>media 0 y escala 1</translation>
    </message>
    <message>
        <source>metadata</source>
        <translation>metadatos</translation>
    </message>
    <message>
        <source>model name</source>
        <translation>el nombre del modelo</translation>
    </message>
    <message>
        <source>more than {largest_xml} bytes</source>
        <translation>más de {largest_xml} bytes</translation>
    </message>
    <message>
        <source>names of inputs and outputs</source>
        <translation>los nombres de entradas y salidas</translation>
    </message>
    <message>
        <source>names that are no text</source>
        <translation>nombres que no son texto</translation>
    </message>
    <message>
        <source>no connection ({name})</source>
        <translation>sin conexión ({name})</translation>
    </message>
    <message>
        <source>no encrypted connection can be made</source>
        <translation>no se puede establecer una conexión cifrada</translation>
    </message>
    <message>
        <source>no graph inside</source>
        <translation>no contiene ningún grafo</translation>
    </message>
    <message>
        <source>no picture could be decoded from it</source>
        <translation>no se pudo decodificar ninguna de sus imágenes</translation>
    </message>
    <message>
        <source>no picture could be decoded from it ({names})</source>
        <translation>no se pudo decodificar ninguna de sus imágenes ({names})</translation>
    </message>
    <message>
        <source>no picture for {read_limit_s} s</source>
        <translation>sin imagen desde hace {read_limit_s} s</translation>
    </message>
    <message>
        <source>no picture within {limit_s} s</source>
        <translation>ninguna imagen en {limit_s} s</translation>
    </message>
    <message>
        <source>one class: face</source>
        <translation>una clase: rostro</translation>
    </message>
    <message>
        <source>one class: person</source>
        <translation>una clase: persona</translation>
    </message>
    <message>
        <source>one name a line, or a JSON or YAML file with names</source>
        <translation>un nombre por línea, o un archivo JSON o YAML con nombres</translation>
    </message>
    <message>
        <source>one of {backends}</source>
        <translation>uno de {backends}</translation>
    </message>
    <message>
        <source>opset {newest} or older</source>
        <translation>opset {newest} o anterior</translation>
    </message>
    <message>
        <source>preprocessor_config.json beside the file says how pictures are prepared</source>
        <translation>preprocessor_config.json, junto al archivo, dice cómo se preparan las imágenes</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>filas</translation>
    </message>
    <message>
        <source>scores and places of what it finds have moved too far</source>
        <translation>las puntuaciones y posiciones de lo detectado se han desplazado demasiado</translation>
    </message>
    <message>
        <source>side file {own}</source>
        <translation>archivo adjunto {own}</translation>
    </message>
    <message>
        <source>status {status}</source>
        <translation>estado {status}</translation>
    </message>
    <message>
        <source>the best of {found}, chosen by OpenVINO</source>
        <translation>lo mejor de {found}, elegido por OpenVINO</translation>
    </message>
    <message>
        <source>the device&apos;s own precision</source>
        <translation>la precisión numérica propia del dispositivo</translation>
    </message>
    <message>
        <source>the host cannot be reached</source>
        <translation>no se puede llegar al host</translation>
    </message>
    <message>
        <source>the model holds no integer layers</source>
        <translation>el modelo no contiene capas enteras</translation>
    </message>
    <message>
        <source>the name of a file</source>
        <translation>el nombre de un archivo</translation>
    </message>
    <message>
        <source>the original</source>
        <translation>el original</translation>
    </message>
    <message>
        <source>the original finds nothing on these frames, so they prove nothing</source>
        <translation>el original no detecta nada en estos fotogramas, así que no demuestran nada</translation>
    </message>
    <message>
        <source>the server answered with status {status}</source>
        <translation>el servidor respondió con el estado {status}</translation>
    </message>
    <message>
        <source>the server asks for a way to log in that is not known</source>
        <translation>el servidor pide una forma de iniciar sesión que no se conoce</translation>
    </message>
    <message>
        <source>the server asks for user and password</source>
        <translation>el servidor pide usuario y contraseña</translation>
    </message>
    <message>
        <source>the server broke the connection</source>
        <translation>el servidor cortó la conexión</translation>
    </message>
    <message>
        <source>the server does not answer</source>
        <translation>el servidor no responde</translation>
    </message>
    <message>
        <source>the server ended the stream</source>
        <translation>el servidor terminó el flujo</translation>
    </message>
    <message>
        <source>the server gave up waiting</source>
        <translation>el servidor dejó de esperar</translation>
    </message>
    <message>
        <source>the server has no stream of this name</source>
        <translation>el servidor no tiene ningún flujo con este nombre</translation>
    </message>
    <message>
        <source>the server waits for the camera</source>
        <translation>el servidor espera a la cámara</translation>
    </message>
    <message>
        <source>the stream has no video</source>
        <translation>el flujo no tiene vídeo</translation>
    </message>
    <message>
        <source>the stream is gone from the server</source>
        <translation>el flujo ya no está en el servidor</translation>
    </message>
    <message>
        <source>there is no host of this name</source>
        <translation>no existe ningún host con este nombre</translation>
    </message>
    <message>
        <source>this cannot be the name of a host</source>
        <translation>esto no puede ser el nombre de un host</translation>
    </message>
    <message>
        <source>this is a page of text, not a video</source>
        <translation>es una página de texto, no un vídeo</translation>
    </message>
    <message>
        <source>this user may not see the stream</source>
        <translation>este usuario no puede ver el flujo</translation>
    </message>
    <message>
        <source>took more than {memory_bytes} GiB of memory</source>
        <translation>usó más de {memory_bytes} GiB de memoria</translation>
    </message>
    <message>
        <source>torchvision detector</source>
        <translation>detector de torchvision</translation>
    </message>
    <message>
        <source>user or password is wrong</source>
        <translation>el usuario o la contraseña son incorrectos</translation>
    </message>
    <message>
        <source>version {oldest_version} or {newest_version}</source>
        <translation>versión {oldest_version} o {newest_version}</translation>
    </message>
    <message>
        <source>was unplugged</source>
        <translation>se desconectó</translation>
    </message>
    <message>
        <source>what answers there does not speak {protocol}</source>
        <translation>lo que responde ahí no habla {protocol}</translation>
    </message>
    <message>
        <source>{after} operations instead of {before}</source>
        <translation>{after} operaciones en lugar de {before}</translation>
    </message>
    <message>
        <source>{candidates} {axis} = {sum_text}: strides {strides_text}</source>
        <translation>{candidates} {axis} = {sum_text}: pasos (strides) {strides_text}</translation>
    </message>
    <message>
        <source>{channels} classes are usual for segmentation (Cityscapes, Pascal VOC, ADE20K)</source>
        <translation>{channels} clases son habituales en segmentación (Cityscapes, Pascal VOC, ADE20K)</translation>
    </message>
    <message>
        <source>{classes} classes are those of ImageNet</source>
        <translation>{classes} clases son las de ImageNet</translation>
    </message>
    <message>
        <source>{columns} columns are 4 sides of a box times {bins} bins of a distance distribution</source>
        <translation>{columns} columnas son 4 lados de una caja por {bins} niveles de una distribución de distancias</translation>
    </message>
    <message>
        <source>{count} of {paths} pictures cannot be read and are left out: {names}</source>
        <translation>{count} de {paths} imágenes no se pueden leer y se omiten: {names}</translation>
    </message>
    <message>
        <source>{cure}, or choose another backend</source>
        <translation>{cure}, o elija otro backend</translation>
    </message>
    <message>
        <source>{cure}; or allow a fall-back (--allow-fallback), here to {got}</source>
        <translation>{cure}; o permita una alternativa (--allow-fallback), aquí {got}</translation>
    </message>
    <message>
        <source>{device} computes in {shares} when asked for {precision}</source>
        <translation>{device} calcula en {shares} cuando se pide {precision}</translation>
    </message>
    <message>
        <source>{device} does not know {precision}</source>
        <translation>{device} no conoce {precision}</translation>
    </message>
    <message>
        <source>{elsewhere} of {placement} nodes run on the CPU: {place} lacks them</source>
        <translation>{elsewhere} de {placement} nodos se ejecutan en la CPU: {place} no los tiene</translation>
    </message>
    <message>
        <source>{end} bytes or more, it has {sizes}</source>
        <translation>{end} bytes o más; tiene {sizes}</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast</source>
        <translation>{entry} va a {way} veces la velocidad</translation>
    </message>
    <message>
        <source>{entry} is {way} times as fast, but {report}.</source>
        <translation>{entry} va a {way} veces la velocidad, pero {report}.</translation>
    </message>
    <message>
        <source>{geometries}, one for each picture of the batch</source>
        <translation>{geometries}, una por cada imagen del lote</translation>
    </message>
    <message>
        <source>{given} of {linear} convolutions and matrix products in INT8 ({share} of multiply-adds)</source>
        <translation>{given} de {linear} convoluciones y productos de matrices en INT8 ({share} de las multiplicaciones y sumas)</translation>
    </message>
    <message>
        <source>{half_nodes} of {count} operations in half precision</source>
        <translation>{half_nodes} de {count} operaciones en media precisión</translation>
    </message>
    <message>
        <source>{key}={value} cannot be used</source>
        <translation>{key}={value} no se puede usar</translation>
    </message>
    <message>
        <source>{kind} cannot be built without frames</source>
        <translation>{kind} no se puede crear sin fotogramas</translation>
    </message>
    <message>
        <source>{location} in the same folder</source>
        <translation>{location} en la misma carpeta</translation>
    </message>
    <message>
        <source>{logits} logits are the classes of COCO</source>
        <translation>{logits} logits son las clases de COCO</translation>
    </message>
    <message>
        <source>{missing} MB free, and {free} MB are</source>
        <translation>{missing} MB libres, y hay {free} MB</translation>
    </message>
    <message>
        <source>{missing} of {image_ids} annotated pictures are missing, the first is {missing2}</source>
        <translation>Faltan {missing} de {image_ids} imágenes anotadas; la primera es {missing2}</translation>
    </message>
    <message>
        <source>{most_nodes} nodes at most</source>
        <translation>{most_nodes} nodos como máximo</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, cannot be loaded</source>
        <translation>No se puede cargar {name}, que crea esta variante</translation>
    </message>
    <message>
        <source>{name}, which builds this variant, is not installed</source>
        <translation>{name}, que crea esta variante, no está instalado</translation>
    </message>
    <message>
        <source>{output} before {fused}</source>
        <translation>{output} antes de {fused}</translation>
    </message>
    <message>
        <source>{output} rows = {sum_text}: strides {strides_text}</source>
        <translation>{output} filas = {sum_text}: pasos (strides) {strides_text}</translation>
    </message>
    <message>
        <source>{phase}, best so far {speed_up} times as fast</source>
        <translation>{phase}, lo mejor hasta ahora a {speed_up} veces la velocidad</translation>
    </message>
    <message>
        <source>{place} computes this model in {got} when asked for {wanted}</source>
        <translation>{place} calcula este modelo en {got} cuando se pide {wanted}</translation>
    </message>
    <message>
        <source>{place} refuses it</source>
        <translation>{place} lo rechaza</translation>
    </message>
    <message>
        <source>{place} took no part of the model</source>
        <translation>{place} no tomó ninguna parte del modelo</translation>
    </message>
    <message>
        <source>{plain} or pruned-1 to pruned-99</source>
        <translation>{plain} o pruned-1 a pruned-99</translation>
    </message>
    <message>
        <source>{re_export} with an older onnx package, or update Inferoscope</source>
        <translation>{re_export} con un paquete onnx anterior, o actualice Inferoscope</translation>
    </message>
    <message>
        <source>{re_export} with opset 17 to {newest}, or update Inferoscope</source>
        <translation>{re_export} con opset 17 a {newest}, o actualice Inferoscope</translation>
    </message>
    <message>
        <source>{re_export}, or copy or download it again</source>
        <translation>{re_export}, o cópielo o descárguelo de nuevo</translation>
    </message>
    <message>
        <source>{reason}. Trying again in {left_s} s</source>
        <translation>{reason}. Nuevo intento en {left_s} s</translation>
    </message>
    <message>
        <source>{rows}, one anchor a cell</source>
        <translation>{rows}, un ancla por celda</translation>
    </message>
    <message>
        <source>{rows}, three anchors a cell, as in YOLOv5 and YOLOv7</source>
        <translation>{rows}, tres anclas por celda, como en YOLOv5 y YOLOv7</translation>
    </message>
    <message>
        <source>{runtime} lists it, but it runs nothing: {answers}</source>
        <translation>{runtime} lo ofrece, pero no ejecuta nada: {answers}</translation>
    </message>
    <message>
        <source>{source_id} has ended</source>
        <translation>{source_id} ha terminado</translation>
    </message>
    <message>
        <source>{source_id} is live</source>
        <translation>{source_id} está en vivo</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, next try in {delay_s} s</source>
        <translation>{source_id} está sin conexión: {why}, próximo intento en {delay_s} s</translation>
    </message>
    <message>
        <source>{source_id} is offline: {why}, try {attempt} is running</source>
        <translation>{source_id} está sin conexión: {why}, intento {attempt} en curso</translation>
    </message>
    <message>
        <source>{source_id} is stopped</source>
        <translation>{source_id} está detenida</translation>
    </message>
    <message>
        <source>{source_id} {what}; next try in {delay_s} s</source>
        <translation>{source_id} {what}; próximo intento en {delay_s} s</translation>
    </message>
    <message>
        <source>{speed_up} times as fast on one thread and agrees to {agreement}</source>
        <translation>a {speed_up} veces la velocidad en un hilo y concuerda en un {agreement}</translation>
    </message>
    <message>
        <source>{verdict}; the original in {name} runs {speed_up} times as fast on one thread as in FP32</source>
        <translation>{verdict}; el original en {name} va en un hilo a {speed_up} veces la velocidad de FP32</translation>
    </message>
    <message>
        <source>{title} cannot run this model</source>
        <translation>{title} no puede ejecutar este modelo</translation>
    </message>
    <message>
        <source>Other work took {disturbance} of the processor meanwhile, so speeds are rough: measure again when the computer is quiet.</source>
        <translation>Otros trabajos ocuparon entretanto el {disturbance} del procesador, así que las velocidades son aproximadas: mida otra vez cuando el equipo esté en calma.</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {map_lost} lower</source>
        <translation>{told}; su precisión media (mAP) es {map_lost} menor</translation>
    </message>
    <message>
        <source>{told}; its mean average precision is {value} higher</source>
        <translation>{told}; su precisión media (mAP) es {value} mayor</translation>
    </message>
    <message>
        <source>{unread} labelled pictures gave no result, the first is {unread2}</source>
        <translation>{unread} imágenes etiquetadas no dieron resultado; la primera es {unread2}</translation>
    </message>
    <message>
        <source>{verdict}; keep the original</source>
        <translation>{verdict}; conserve el original</translation>
    </message>
    <message>
        <source>{way} the original on {badge}</source>
        <translation>{way} la versión original en {badge}</translation>
    </message>
    <message>
        <source>{way} times as many frames a second as</source>
        <translation>{way} veces los fotogramas por segundo de</translation>
    </message>
    <message>
        <source>{what} is missing from this installation</source>
        <translation>Falta en esta instalación: {what}</translation>
    </message>
    <message>
        <source>{what}, but nobody has looked at what it loses: name a source.</source>
        <translation>{what}, pero nadie ha mirado qué pierde: indique una fuente.</translation>
    </message>
    <message>
        <source>{what}; next try in {delay_s} s</source>
        <translation>{what}; próximo intento en {delay_s} s</translation>
    </message>
    <message>
        <source>{zeroed} of {count} weights zeroed</source>
        <translation>{zeroed} de {count} pesos puestos a cero</translation>
    </message>
    <message>
        <source>{sentence}.</source>
        <translation>{sentence}.</translation>
    </message>
    <message>
        <source>{what}; expected {expected}</source>
        <translation>{what}; se esperaba {expected}</translation>
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
        <translation>Sin modelo</translation>
    </message>
    <message>
        <source>Does not run</source>
        <translation>No funciona</translation>
    </message>
    <message>
        <source>Not running yet</source>
        <translation>Aún sin ejecutar</translation>
    </message>
    <message>
        <source>{phase} · {elapsed} s</source>
        <translation>{phase} · {elapsed} s</translation>
    </message>
    <message>
        <source>What was asked for last does not run: {why}</source>
        <translation>Lo último que se pidió no funciona: {why}</translation>
    </message>
    <message>
        <source>{wanted} was asked for, {got} runs: {reason}. {cure}.</source>
        <translation>Se pidió {wanted}, se ejecuta {got}: {reason}. {cure}.</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Backend</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Se ejecuta en</translation>
    </message>
    <message>
        <source>not told</source>
        <translation>sin datos</translation>
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
        <translation>Calculado en</translation>
    </message>
    <message>
        <source>Placed on</source>
        <translation>Ubicación</translation>
    </message>
    <message>
        <source>Tuned for</source>
        <translation>Optimizado para</translation>
    </message>
    <message>
        <source>In parallel</source>
        <translation>En paralelo</translation>
    </message>
    <message>
        <source>Made ready in</source>
        <translation>Preparado en</translation>
    </message>
    <message>
        <source>any device</source>
        <translation>cualquier dispositivo</translation>
    </message>
    <message>
        <source>{device}, precision {precision}</source>
        <translation>{device}, precisión numérica {precision}</translation>
    </message>
    <message>
        <source>{place}: {count} operations</source>
        <translation>{place}: {count} operaciones</translation>
    </message>
    <message>
        <source>most frames per second</source>
        <translation>más fotogramas por segundo</translation>
    </message>
    <message>
        <source>shortest delay</source>
        <translation>menor latencia</translation>
    </message>
    <message>
        <source>{lanes} frames</source>
        <translation>{lanes} fotogramas</translation>
    </message>
    <message>
        <source>{lanes} frames, {threads} processor threads in all</source>
        <translation>{lanes} fotogramas, {threads} hilos de procesador en total</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>from the cache</source>
        <translation>de la caché</translation>
    </message>
    <message>
        <source>compiled anew</source>
        <translation>compilado de nuevo</translation>
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
        <translation>YOLOv8, YOLO11: puntos clave</translation>
    </message>
    <message>
        <source>YOLOv8, YOLO11: boxes at any angle</source>
        <translation>YOLOv8, YOLO11: cajas en cualquier ángulo</translation>
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
        <translation>YOLO26: puntos clave</translation>
    </message>
    <message>
        <source>YOLO26: boxes at any angle</source>
        <translation>YOLO26: cajas en cualquier ángulo</translation>
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
        <translation>SSD de TensorFlow</translation>
    </message>
    <message>
        <source>SSD of OpenVINO</source>
        <translation>SSD de OpenVINO</translation>
    </message>
    <message>
        <source>Detector of torchvision</source>
        <translation>Detector de torchvision</translation>
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
        <translation>YOLO con cajas ya calculadas</translation>
    </message>
    <message>
        <source>YuNet: faces</source>
        <translation>YuNet: rostros</translation>
    </message>
    <message>
        <source>Classifier</source>
        <translation>Clasificador</translation>
    </message>
    <message>
        <source>Semantic segmentation</source>
        <translation>Segmentación semántica</translation>
    </message>
</context>
<context>
    <name>Grid</name>
    <message>
        <source>Pictures</source>
        <translation>Imágenes</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>Nothing is running</source>
        <translation>No hay nada en marcha</translation>
    </message>
    <message>
        <source>; {count} more with trouble</source>
        <translation>; {count} más con problemas</translation>
    </message>
    <message>
        <source>{good} of {all} streams are live; {trouble}</source>
        <translation>{good} de {all} flujos en vivo; {trouble}</translation>
    </message>
    <message>
        <source>1 of {all} streams is live; {trouble}</source>
        <translation>1 de {all} flujos en vivo; {trouble}</translation>
    </message>
    <message>
        <source>{name} needs its password</source>
        <translation>{name} necesita su contraseña</translation>
    </message>
    <message>
        <source>{name} does not run: {what}</source>
        <translation>{name} no funciona: {what}</translation>
    </message>
    <message>
        <source>{name} has given no picture for {age} s</source>
        <translation>{name} no da imágenes desde hace {age} s</translation>
    </message>
    <message>
        <source>no connection</source>
        <translation>sin conexión</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, trying again ({attempt})</source>
        <translation>{name} está sin conexión: {why}, nuevo intento ({attempt})</translation>
    </message>
    <message>
        <source>{name} is offline: {why}, next try in {wait} s</source>
        <translation>{name} está sin conexión: {why}, próximo intento en {wait} s</translation>
    </message>
    <message>
        <source>The model {name} does not run as wanted: {what}</source>
        <translation>El modelo {name} no funciona como se pidió: {what}</translation>
    </message>
    <message>
        <source>The model {name} is being loaded: {phase}</source>
        <translation>El modelo {name} se está cargando: {phase}</translation>
    </message>
    <message>
        <source>{live} of {all} streams are running</source>
        <translation>{live} de {all} flujos en marcha</translation>
    </message>
    <message>
        <source>1 of {all} streams is running</source>
        <translation>1 de {all} flujos en marcha</translation>
    </message>
    <message>
        <source>{count} connecting</source>
        <translation>{count} conectando</translation>
    </message>
    <message>
        <source>{count} paused</source>
        <translation>{count} en pausa</translation>
    </message>
    <message>
        <source>{count} at the end</source>
        <translation>{count} al final</translation>
    </message>
    <message>
        <source>{name}: connecting</source>
        <translation>{name}: conectando</translation>
    </message>
    <message>
        <source>{name} has come to its end</source>
        <translation>{name} ha llegado al final</translation>
    </message>
    <message>
        <source>{name} is paused</source>
        <translation>{name} está en pausa</translation>
    </message>
    <message>
        <source>{name} is live</source>
        <translation>{name} está en vivo</translation>
    </message>
    <message>
        <source>{name} is shown</source>
        <translation>{name} se muestra</translation>
    </message>
    <message>
        <source>{name} is playing</source>
        <translation>{name} se reproduce</translation>
    </message>
    <message>
        <source>Both streams are live</source>
        <translation>Ambos flujos están en vivo</translation>
    </message>
    <message>
        <source>Both streams are running</source>
        <translation>Ambos flujos están en marcha</translation>
    </message>
    <message>
        <source>All {count} streams are live</source>
        <translation>Los {count} flujos están en vivo</translation>
    </message>
    <message>
        <source>All {count} streams are running</source>
        <translation>Los {count} flujos están en marcha</translation>
    </message>
    <message>
        <source>State of the program</source>
        <translation>Estado del programa</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>Sin problemas</translation>
    </message>
    <message>
        <source>Problems: {count}</source>
        <translation>Problemas: {count}</translation>
    </message>
    <message>
        <source>What went wrong, and what to do about it</source>
        <translation>Qué falló y qué se puede hacer</translation>
    </message>
</context>
<context>
    <name>KeepAwake</name>
    <message>
        <source>This system does not let programs keep it awake</source>
        <translation>Este sistema no permite que los programas lo mantengan activo</translation>
    </message>
</context>
<context>
    <name>Licences</name>
    <message>
        <source>Licences</source>
        <translation>Licencias</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
</context>
<context>
    <name>Loading</name>
    <message>
        <source>Looking for devices</source>
        <translation>Búsqueda de dispositivos</translation>
    </message>
    <message>
        <source>Identifying the model</source>
        <translation>Identificación del modelo</translation>
    </message>
</context>
<context>
    <name>Manual</name>
    <message>
        <source>Contents</source>
        <translation>Contenido</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Resultados</translation>
    </message>
    <message>
        <source>Nothing in the manual has these words.</source>
        <translation>Nada en el manual contiene estas palabras.</translation>
    </message>
    <message>
        <source>Manual of Inferoscope</source>
        <translation>Manual de Inferoscope</translation>
    </message>
    <message>
        <source>Chapter</source>
        <translation>Capítulo</translation>
    </message>
    <message>
        <source>Search the manual</source>
        <translation>Buscar en el manual</translation>
    </message>
    <message>
        <source>Back to the place before</source>
        <translation>Volver al lugar anterior</translation>
    </message>
    <message>
        <source>Forward again</source>
        <translation>Avanzar de nuevo</translation>
    </message>
    <message>
        <source>First page of the manual</source>
        <translation>Primera página del manual</translation>
    </message>
    <message>
        <source>Larger letters</source>
        <translation>Letra más grande</translation>
    </message>
    <message>
        <source>Smaller letters</source>
        <translation>Letra más pequeña</translation>
    </message>
    <message>
        <source>The manual is in English.</source>
        <translation>El manual está en inglés.</translation>
    </message>
</context>
<context>
    <name>MessageStrip</name>
    <message>
        <source>Progress</source>
        <translation>Progreso</translation>
    </message>
    <message>
        <source>Use now</source>
        <translation>Usar ahora</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Descartar</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>Descartar el mensaje</translation>
    </message>
</context>
<context>
    <name>Model</name>
    <message>
        <source>Demo: bottle inspection</source>
        <translation>Demo: inspección de botellas</translation>
    </message>
    <message>
        <source>Comes with the program</source>
        <translation>Incluido en el programa</translation>
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
        <translation>Clases</translation>
    </message>
    <message>
        <source>Keypoints</source>
        <translation>Puntos clave</translation>
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
        <translation>desconocida, se muestran números</translation>
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
        <translation>{phase}, {elapsed:.0f} de unos {expected:.0f} s</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>En uso</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Usar</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Ver en la carpeta</translation>
    </message>
    <message>
        <source>Remove from the list; the file stays</source>
        <translation>Quitar de la lista; el archivo se conserva</translation>
    </message>
    <message>
        <source>Delete the downloaded file</source>
        <translation>Eliminar el archivo descargado</translation>
    </message>
    <message>
        <source>Use {title}</source>
        <translation>Usar {title}</translation>
    </message>
    <message>
        <source>Show {title} in its folder</source>
        <translation>Ver {title} en su carpeta</translation>
    </message>
    <message>
        <source>Remove {title} from the list</source>
        <translation>Quitar {title} de la lista</translation>
    </message>
    <message>
        <source>Delete the file of {title}</source>
        <translation>Eliminar el archivo de {title}</translation>
    </message>
    <message>
        <source>Delete the file?</source>
        <translation>¿Eliminar el archivo?</translation>
    </message>
    <message>
        <source>Delete the file of {title}?</source>
        <translation>¿Eliminar el archivo de {title}?</translation>
    </message>
    <message>
        <source>It was downloaded by the program, and can be downloaded again.</source>
        <translation>El programa lo descargó y puede descargarse otra vez.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
</context>
<context>
    <name>ModelPanel</name>
    <message>
        <source>Forget the correction</source>
        <translation>Olvidar la corrección</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>Corregir…</translation>
    </message>
    <message>
        <source>Say what the program took wrongly, and see at once what it changes.</source>
        <translation>Decir en qué se equivocó el programa y ver enseguida qué cambia.</translation>
    </message>
    <message>
        <source>Drop an ONNX or OpenVINO file here</source>
        <translation>Suelte aquí un archivo ONNX u OpenVINO</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>Abrir un modelo…</translation>
    </message>
    <message>
        <source>Or choose one that is here</source>
        <translation>O elija uno de los que ya hay</translation>
    </message>
    <message>
        <source>Progress of loading</source>
        <translation>Progreso de la carga</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Show what the model takes and gives, and what speaks for this guess.</source>
        <translation>Mostrar lo que el modelo recibe y da, y qué apoya esta suposición.</translation>
    </message>
    <message>
        <source>You corrected what the program took this model for.</source>
        <translation>Usted corrigió lo que el programa supuso de este modelo.</translation>
    </message>
    <message>
        <source>{name}: {now} now, {most} at most on one picture</source>
        <translation>{name}: {now} ahora, {most} como máximo en una imagen</translation>
    </message>
    <message>
        <source>{name}, {now}</source>
        <translation>{name}, {now}</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>Buscar una clase</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Todas</translation>
    </message>
    <message>
        <source>Draw all classes that are listed.</source>
        <translation>Dibujar todas las clases de la lista.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Ninguna</translation>
    </message>
    <message>
        <source>Draw none of those that are listed.</source>
        <translation>No dibujar ninguna de la lista.</translation>
    </message>
    <message>
        <source>Only seen</source>
        <translation>Solo vistas</translation>
    </message>
    <message>
        <source>List only classes seen so far.</source>
        <translation>Mostrar solo las clases vistas hasta ahora.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Clases</translation>
    </message>
    <message>
        <source>Space draws or hides a class, Return changes its colour.</source>
        <translation>Espacio dibuja u oculta una clase; Intro cambia su color.</translation>
    </message>
    <message>
        <source>Colour of {name}</source>
        <translation>Color de {name}</translation>
    </message>
    <message>
        <source>Order of the classes</source>
        <translation>Orden de las clases</translation>
    </message>
    <message>
        <source>By count</source>
        <translation>Por cantidad</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Por nombre</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>Por número</translation>
    </message>
    <message>
        <source>No class is called like that.</source>
        <translation>Ninguna clase se llama así.</translation>
    </message>
    <message>
        <source>Nothing was seen yet.</source>
        <translation>Aún no se ha visto nada.</translation>
    </message>
    <message>
        <source>The model does not say which classes it has; those that it finds will be listed here.</source>
        <translation>El modelo no dice qué clases tiene; las que encuentre aparecerán aquí.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Changes are for all tiles.</source>
        <translation>Los cambios valen para todos los visores.</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>Umbrales</translation>
    </message>
    <message>
        <source>Folds or unfolds this section</source>
        <translation>Pliega o despliega esta sección</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>Confianza</translation>
    </message>
    <message>
        <source>Finds that the model is less sure of are left out.</source>
        <translation>Se omiten las detecciones de las que el modelo está menos seguro.</translation>
    </message>
    <message>
        <source>Overlap</source>
        <translation>Superposición</translation>
    </message>
    <message>
        <source>Boxes of one class that overlap more than this (IoU) are taken for one object.</source>
        <translation>Las cajas de una clase que se superponen más que esto (IoU) cuentan como un solo objeto.</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Máximo</translation>
    </message>
    <message>
        <source>No more objects than this are kept on a picture; the best ones stay.</source>
        <translation>No se conservan más objetos que estos en una imagen; quedan los mejores.</translation>
    </message>
    <message>
        <source>{tip} Double-click on the name for the usual value.</source>
        <translation>{tip} Doble clic en el nombre para el valor habitual.</translation>
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
        <translation>Detecta objetos y sus contornos</translation>
    </message>
    <message>
        <source>Finds objects and their keypoints</source>
        <translation>Detecta objetos y sus puntos clave</translation>
    </message>
    <message>
        <source>Finds objects at any angle</source>
        <translation>Detecta objetos en cualquier ángulo</translation>
    </message>
    <message>
        <source>Says what a picture shows</source>
        <translation>Dice qué muestra una imagen</translation>
    </message>
    <message>
        <source>Gives every pixel a class</source>
        <translation>Da una clase a cada píxel</translation>
    </message>
    <message>
        <source>Finds faces</source>
        <translation>Detecta rostros</translation>
    </message>
    <message>
        <source>letterbox, centred</source>
        <translation>con bandas, centrada</translation>
    </message>
    <message>
        <source>letterbox, top left</source>
        <translation>con bandas, arriba izq.</translation>
    </message>
    <message>
        <source>stretched</source>
        <translation>estirada</translation>
    </message>
    <message>
        <source>cut at the longer sides</source>
        <translation>recorte de lados largos</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>gris</translation>
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
        <translation>corregido por usted</translation>
    </message>
    <message>
        <source>{share:.0f} % sure</source>
        <translation>{share:.0f} % seguro</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Only {count} files are added at a time</source>
        <translation>Solo se añaden {count} archivos a la vez</translation>
    </message>
    <message>
        <source>Add the others afterwards</source>
        <translation>Añada los demás después</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>Lectura de {name}</translation>
    </message>
    <message>
        <source>The folder does not answer: {folder}</source>
        <translation>La carpeta no responde: {folder}</translation>
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
        <translation>quedan {count} s</translation>
    </message>
    <message>
        <source>{count} min left</source>
        <translation>quedan {count} min</translation>
    </message>
    <message>
        <source>1 class</source>
        <translation>1 clase</translation>
    </message>
    <message>
        <source>{count} classes</source>
        <translation>{count} clases</translation>
    </message>
    <message>
        <source>Unfinished downloads</source>
        <translation>Descargas sin terminar</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>Descarga de {title}</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Lectura del modelo</translation>
    </message>
    <message>
        <source>Variants: {titles}</source>
        <translation>Variantes: {titles}</translation>
    </message>
    <message>
        <source>Add the models that are missing again</source>
        <translation>Añadir de nuevo los modelos que faltan</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>Mis modelos</translation>
    </message>
    <message>
        <source>The folder cannot be shown by a program of this computer</source>
        <translation>Ningún programa de este equipo puede mostrar la carpeta</translation>
    </message>
    <message>
        <source>Open the folder yourself</source>
        <translation>Abra la carpeta usted mismo</translation>
    </message>
    <message>
        <source>{title} is now one of your models.</source>
        <translation>{title} ya es uno de sus modelos.</translation>
    </message>
    <message>
        <source>All tasks</source>
        <translation>Todas las tareas</translation>
    </message>
    <message>
        <source>{count} more could not be added, see Problems.</source>
        <translation>No se pudieron añadir {count} más; vea Problemas.</translation>
    </message>
    <message>
        <source>Added {name}: {task}.</source>
        <translation>Se añadió {name}: {task}.</translation>
    </message>
    <message>
        <source>Added {count} models.</source>
        <translation>Se añadieron {count} modelos.</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Task</source>
        <translation>Tarea</translation>
    </message>
    <message>
        <source>Add a model…</source>
        <translation>Añadir un modelo…</translation>
    </message>
    <message>
        <source>Choose an ONNX or OpenVINO file; it stays where it is</source>
        <translation>Elija un archivo ONNX u OpenVINO; se queda donde está</translation>
    </message>
    <message>
        <source>No open model matches the search.</source>
        <translation>Ningún modelo abierto coincide con la búsqueda.</translation>
    </message>
    <message>
        <source>Add models</source>
        <translation>Añadir modelos</translation>
    </message>
    <message>
        <source>Models (*.onnx *.xml)</source>
        <translation>Modelos (*.onnx *.xml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>My models</source>
        <translation>Mis modelos</translation>
    </message>
    <message>
        <source>Open models</source>
        <translation>Modelos abiertos</translation>
    </message>
    <message>
        <source>Free to download, each under its own licence. Nothing is fetched before you ask for it.</source>
        <translation>De descarga gratuita, cada uno con su propia licencia. No se descarga nada sin que usted lo pida.</translation>
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
        <translation>Suelte los archivos para añadirlos a sus modelos</translation>
    </message>
    <message>
        <source>None of your models matches the search.</source>
        <translation>Ninguno de sus modelos coincide con la búsqueda.</translation>
    </message>
    <message>
        <source>You have no models yet: drop an ONNX or OpenVINO file here, or download one of the open models.</source>
        <translation>Aún no tiene modelos: suelte aquí un archivo ONNX u OpenVINO, o descargue uno de los modelos abiertos.</translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>In my models</source>
        <translation>En mis modelos</translation>
    </message>
    <message>
        <source>Open the web page of this model, with its licence</source>
        <translation>Abrir la página web de este modelo, con su licencia</translation>
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
        <translation>Eliminar lo descargado hasta ahora</translation>
    </message>
    <message>
        <source>Licence of {title}: {licence}</source>
        <translation>Licencia de {title}: {licence}</translation>
    </message>
    <message>
        <source>Download of {title}</source>
        <translation>Descarga de {title}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Descargar</translation>
    </message>
</context>
<context>
    <name>Optimise</name>
    <message>
        <source>{before}; the best so far is {speed} times as fast</source>
        <translation>{before}; la mejor hasta ahora, a {speed} veces la velocidad</translation>
    </message>
    <message>
        <source>Trying what stays precise, kind by kind</source>
        <translation>Prueba de lo que queda preciso, tipo por tipo</translation>
    </message>
    <message>
        <source>Finding the layers that cost most</source>
        <translation>Búsqueda de las capas más costosas</translation>
    </message>
    <message>
        <source>Keeping costly layers precise</source>
        <translation>Las capas costosas se dejan precisas</translation>
    </message>
    <message>
        <source>Making more layers fast again</source>
        <translation>Más capas vuelven a ser rápidas</translation>
    </message>
    <message>
        <source>Trying another way to round</source>
        <translation>Prueba de otra forma de redondear</translation>
    </message>
    <message>
        <source>Checking on all frames</source>
        <translation>Comprobación con todos los fotogramas</translation>
    </message>
    <message>
        <source>{count} of {wanted} frames that differ</source>
        <translation>{count} de {wanted} fotogramas distintos</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Lectura del modelo</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Conversión</translation>
    </message>
    <message>
        <source>Fusing layers</source>
        <translation>Fusión de capas</translation>
    </message>
    <message>
        <source>Fitting it to your frames</source>
        <translation>Ajuste a sus fotogramas</translation>
    </message>
    <message>
        <source>Choosing weights</source>
        <translation>Elección de los pesos</translation>
    </message>
    <message>
        <source>Seeing how small it packs</source>
        <translation>Medida de cuánto se comprime</translation>
    </message>
    <message>
        <source>Writing the file</source>
        <translation>Escritura del archivo</translation>
    </message>
    <message>
        <source>Checking that it runs</source>
        <translation>Comprobación de que funciona</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Carga</translation>
    </message>
    <message>
        <source>Measuring the speed, round {number}</source>
        <translation>Medición de la velocidad, vuelta {number}</translation>
    </message>
    <message>
        <source>Comparing with the labels</source>
        <translation>Comparación con las etiquetas</translation>
    </message>
    <message>
        <source>Comparing what is found, frame by frame</source>
        <translation>Comparación de lo detectado, fotograma a fotograma</translation>
    </message>
    <message>
        <source>Only {count} of the frames differ; with {wanted} the result is surer.</source>
        <translation>Solo {count} fotogramas son distintos; con {wanted} el resultado es más seguro.</translation>
    </message>
    <message>
        <source>There are too few frames: what is measured with them is a hint, no proof.</source>
        <translation>Hay muy pocos fotogramas: lo que se mide con ellos es un indicio, no una prueba.</translation>
    </message>
    <message>
        <source>{name} has no INT8 variant yet. Build one here; it is swapped in when it is ready.</source>
        <translation>{name} aún no tiene una variante INT8. Créela aquí; se pone en uso cuando está lista.</translation>
    </message>
    <message>
        <source>Stopped. What was finished is kept.</source>
        <translation>Detenido. Lo terminado se conserva.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Detenido.</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Optimizar</translation>
    </message>
    <message>
        <source>{title} takes over as soon as it is loaded; the stream goes on meanwhile.</source>
        <translation>{title} entra en uso en cuanto está cargada; el flujo sigue entretanto.</translation>
    </message>
    <message>
        <source>{title} runs now.</source>
        <translation>{title} ya está en uso.</translation>
    </message>
    <message>
        <source>Copied {count} variants to {folder}.</source>
        <translation>Se copiaron {count} variantes en {folder}.</translation>
    </message>
    <message>
        <source>The report is saved: {path}</source>
        <translation>El informe está guardado: {path}</translation>
    </message>
    <message>
        <source>Done. Nothing is both faster and within what may be lost: keep the original.</source>
        <translation>Terminado. Nada es a la vez más rápido y está dentro de lo que se puede perder: conserve el original.</translation>
    </message>
    <message>
        <source>Done. Take {title}: {speed:.2f} times as fast as the original.</source>
        <translation>Terminado. Use {title}: {speed:.2f} veces la velocidad del original.</translation>
    </message>
    <message>
        <source>Not built: {count}, see the table.</source>
        <translation>Sin crear: {count}, vea la tabla.</translation>
    </message>
    <message>
        <source>On this frame {share} of the finds agree.</source>
        <translation>En este fotograma coincide el {share} de las detecciones.</translation>
    </message>
    <message>
        <source>keep it</source>
        <translation>consérvelo</translation>
    </message>
    <message>
        <source>loses too much</source>
        <translation>pierde demasiado</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>recomendada</translation>
    </message>
    <message>
        <source>slower</source>
        <translation>más lenta</translation>
    </message>
    <message>
        <source>fine</source>
        <translation>bien</translation>
    </message>
    <message>
        <source>The model as it is, on {badge}: what the others are held against.</source>
        <translation>El modelo tal como es, en {badge}: con él se comparan los demás.</translation>
    </message>
    <message>
        <source>not built</source>
        <translation>sin crear</translation>
    </message>
    <message>
        <source>Swap in the best when it is ready</source>
        <translation>Poner en uso la mejor cuando esté lista</translation>
    </message>
    <message>
        <source>Swap in {title} when it is ready</source>
        <translation>Poner en uso {title} cuando esté lista</translation>
    </message>
    <message>
        <source>What this tile shows</source>
        <translation>Lo que muestra este visor</translation>
    </message>
    <message>
        <source>Finding a good INT8 may take up to 20 minutes.</source>
        <translation>Encontrar un buen INT8 puede tardar hasta 20 minutos.</translation>
    </message>
    <message>
        <source>It takes some minutes.</source>
        <translation>Tarda unos minutos.</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>Elija primero un modelo.</translation>
    </message>
    <message>
        <source>The model is being read.</source>
        <translation>Se está leyendo el modelo.</translation>
    </message>
    <message>
        <source>Choose where frames come from: open a source on the Live page, or choose a file.</source>
        <translation>Elija de dónde vienen los fotogramas: abra una fuente en la página En vivo o elija un archivo.</translation>
    </message>
    <message>
        <source>Start this stream first: its frames are needed.</source>
        <translation>Inicie primero este flujo: se necesitan sus fotogramas.</translation>
    </message>
    <message>
        <source>Choose at least one variant.</source>
        <translation>Elija al menos una variante.</translation>
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
        <translation>INT8 en ONNX</translation>
    </message>
    <message>
        <source>FP16 as ONNX</source>
        <translation>FP16 en ONNX</translation>
    </message>
    <message>
        <source>Fused ONNX</source>
        <translation>ONNX fusionado</translation>
    </message>
    <message>
        <source>Pruned by {percent} %</source>
        <translation>Podado al {percent} %</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Mostly the fastest, a quarter of the size.</source>
        <translation>Casi siempre la más rápida, un cuarto del tamaño.</translation>
    </message>
    <message>
        <source>Half the size, practically the same results.</source>
        <translation>La mitad del tamaño, prácticamente los mismos resultados.</translation>
    </message>
    <message>
        <source>The same for ONNX Runtime and other programs.</source>
        <translation>Lo mismo para ONNX Runtime y otros programas.</translation>
    </message>
    <message>
        <source>Half the size; fast on graphics cards alone.</source>
        <translation>La mitad del tamaño; solo rápida en tarjetas gráficas.</translation>
    </message>
    <message>
        <source>Tidied up, with exactly the same results.</source>
        <translation>Simplificada, con exactamente los mismos resultados.</translation>
    </message>
    <message>
        <source>Without its least weights: packs smaller.</source>
        <translation>Sin sus pesos menores: se comprime más.</translation>
    </message>
    <message>
        <source>It needs the ONNX file that this OpenVINO model was made from.</source>
        <translation>Necesita el archivo ONNX del que se hizo este modelo OpenVINO.</translation>
    </message>
    <message>
        <source>The model is quantised already; it needs the float model.</source>
        <translation>El modelo ya está cuantizado; se necesita el modelo en coma flotante.</translation>
    </message>
    <message>
        <source>The model is in half precision already.</source>
        <translation>El modelo ya está en media precisión.</translation>
    </message>
    <message>
        <source>Collect frames</source>
        <translation>Reunir fotogramas</translation>
    </message>
    <message>
        <source>Measure the original</source>
        <translation>Medir el original</translation>
    </message>
    <message>
        <source>Original in {precision}</source>
        <translation>Original en {precision}</translation>
    </message>
    <message>
        <source>Original on {runtime} in {precision}</source>
        <translation>Original con {runtime} en {precision}</translation>
    </message>
    <message>
        <source>Original on {runtime}</source>
        <translation>Original con {runtime}</translation>
    </message>
    <message>
        <source>Nothing: it must find exactly what the original finds.</source>
        <translation>Nada: debe detectar exactamente lo que detecta el original.</translation>
    </message>
    <message>
        <source>{count} of 100 finds may differ from those of the original.</source>
        <translation>{count} de 100 detecciones pueden diferir de las del original.</translation>
    </message>
    <message>
        <source>Runs {times:.2f} times as fast as the original.</source>
        <translation>Va a {times:.2f} veces la velocidad del original.</translation>
    </message>
    <message>
        <source>Runs about as fast as the original.</source>
        <translation>Va más o menos tan rápido como el original.</translation>
    </message>
    <message>
        <source>Runs at {times:.2f} times the speed of the original, so slower.</source>
        <translation>Va a {times:.2f} veces la velocidad del original, es decir, más lento.</translation>
    </message>
    <message>
        <source>Takes {size}, {share:.0f} % of the original; {memory} of memory while it runs.</source>
        <translation>Ocupa {size}, el {share:.0f} % del original; {memory} de memoria mientras se ejecuta.</translation>
    </message>
    <message>
        <source>Agrees with the original to {share} on {frames} frames.</source>
        <translation>Concuerda con el original en un {share} en {frames} fotogramas.</translation>
    </message>
    <message>
        <source>Finds of another class: {count}.</source>
        <translation>Detecciones de otra clase: {count}.</translation>
    </message>
    <message>
        <source>Frames on which it finds nothing any more: {count}.</source>
        <translation>Fotogramas en los que ya no detecta nada: {count}.</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>Lectura de {name}</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>Copia de {name}</translation>
    </message>
</context>
<context>
    <name>OptimiseNews</name>
    <message>
        <source>Optimising: step {number} of {count}</source>
        <translation>Optimización: paso {number} de {count}</translation>
    </message>
    <message>
        <source>Variants are built and measured. Click to see how far it is.</source>
        <translation>Se crean y miden variantes. Haga clic para ver el avance.</translation>
    </message>
    <message>
        <source>Optimising has failed</source>
        <translation>La optimización ha fallado</translation>
    </message>
    <message>
        <source>Optimising is done</source>
        <translation>La optimización ha terminado</translation>
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
        <translation>Lo que se hace más pequeño y más rápido</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>Otro archivo…</translation>
    </message>
    <message>
        <source>Frames to measure with</source>
        <translation>Fotogramas para medir</translation>
    </message>
    <message>
        <source>Pictures like those that the model will see: variants are fitted and judged by them</source>
        <translation>Imágenes como las que verá el modelo: con ellas se ajustan y se juzgan las variantes</translation>
    </message>
    <message>
        <source>A video file…</source>
        <translation>Un archivo de vídeo…</translation>
    </message>
    <message>
        <source>A folder of pictures…</source>
        <translation>Una carpeta de imágenes…</translation>
    </message>
    <message>
        <source>Frames from a folder of pictures</source>
        <translation>Fotogramas de una carpeta de imágenes</translation>
    </message>
    <message>
        <source>Build and measure</source>
        <translation>Crear y medir</translation>
    </message>
    <message>
        <source>Model to optimise</source>
        <translation>Modelo por optimizar</translation>
    </message>
    <message>
        <source>What to build</source>
        <translation>Qué crear</translation>
    </message>
    <message>
        <source>How much may be lost</source>
        <translation>Cuánto se puede perder</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Without labels</source>
        <translation>Sin etiquetas</translation>
    </message>
    <message>
        <source>A COCO annotation file (.json): accuracy is measured by it, and decides</source>
        <translation>Un archivo de anotaciones COCO (.json): mide la exactitud, que es lo que decide</translation>
    </message>
    <message>
        <source>Labels: {name}</source>
        <translation>Etiquetas: {name}</translation>
    </message>
    <message>
        <source>Labels of these pictures…</source>
        <translation>Etiquetas de estas imágenes…</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Etiquetas</translation>
    </message>
    <message>
        <source>COCO labels (*.json)</source>
        <translation>Etiquetas COCO (*.json)</translation>
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
        <translation>Guardar informe…</translation>
    </message>
    <message>
        <source>Everything that was measured last, with plot and frames</source>
        <translation>Todo lo que se midió la última vez, con gráfico y fotogramas</translation>
    </message>
    <message>
        <source>There is a report as soon as variants have been built and measured</source>
        <translation>Habrá un informe en cuanto se hayan creado y medido variantes</translation>
    </message>
    <message>
        <source>Choose a row to see more of it.</source>
        <translation>Elija una fila para ver más.</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>En uso</translation>
    </message>
    <message>
        <source>Copy the variants to</source>
        <translation>Copiar las variantes en</translation>
    </message>
    <message>
        <source>Page with pictures (*.html)</source>
        <translation>Página con imágenes (*.html)</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabla (*.csv)</translation>
    </message>
    <message>
        <source>Data (*.json)</source>
        <translation>Datos (*.json)</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Guardar el informe</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Optimizar</translation>
    </message>
    <message>
        <source>Speed and agreement</source>
        <translation>Velocidad y concordancia</translation>
    </message>
    <message>
        <source>Frames side by side</source>
        <translation>Fotogramas en paralelo</translation>
    </message>
    <message>
        <source>What was measured</source>
        <translation>Lo que se midió</translation>
    </message>
    <message>
        <source>Swap it into the running stream, which goes on meanwhile</source>
        <translation>Ponerla en el flujo en marcha, que sigue entretanto</translation>
    </message>
    <message>
        <source>Copy the variants to a folder of yours</source>
        <translation>Copiar las variantes en una carpeta suya</translation>
    </message>
    <message>
        <source>Smaller, faster, and measured</source>
        <translation>Más pequeño, más rápido y medido</translation>
    </message>
    <message>
        <source>Variants of your model are built here, and each is compared with the original on your own frames: how fast it is on this computer, how large, and how much of what it finds stays the same. Nothing is changed until you apply one.</source>
        <translation>Aquí se crean variantes de su modelo y cada una se compara con el original sobre sus propios fotogramas: lo rápida que es en este equipo, lo que ocupa y cuánto de lo que detecta sigue igual. Nada cambia hasta que usted aplique una.</translation>
    </message>
    <message>
        <source>Show large</source>
        <translation>Ver en grande</translation>
    </message>
    <message>
        <source>Wheel, + and −: zoom. Drag, or Shift with arrows: move. Arrows: other frames. 0: all.</source>
        <translation>Rueda, + y −: zoom. Arrastrar, o Mayús con flechas: mover. Flechas: otros fotogramas. 0: todo.</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>Más pequeño</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>Más grande</translation>
    </message>
    <message>
        <source>The whole frame</source>
        <translation>El fotograma completo</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>{title} beside the original</source>
        <translation>{title} junto al original</translation>
    </message>
    <message>
        <source>Frame before</source>
        <translation>Fotograma anterior</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Fotograma siguiente</translation>
    </message>
    <message>
        <source>Choose a variant in the table to see the same frame through it and the original.</source>
        <translation>Elija una variante en la tabla para ver el mismo fotograma con ella y con el original.</translation>
    </message>
    <message>
        <source>There is no frame on which it differs from the original.</source>
        <translation>No hay ningún fotograma en el que difiera del original.</translation>
    </message>
    <message>
        <source>Speed against agreement</source>
        <translation>Velocidad frente a concordancia</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation>Concordancia</translation>
    </message>
    <message>
        <source>Times as fast as the original</source>
        <translation>Veces la velocidad del original</translation>
    </message>
    <message>
        <source>{title}: {speed:.2f} times as fast, agreement {agreement:.1f} %</source>
        <translation>{title}: {speed:.2f} veces la velocidad, concordancia {agreement:.1f} %</translation>
    </message>
    <message>
        <source>The video goes on meanwhile, somewhat slower. You can leave this page.</source>
        <translation>El vídeo sigue entretanto, algo más lento. Puede salir de esta página.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Stop; variants that are finished are kept</source>
        <translation>Detener; las variantes terminadas se conservan</translation>
    </message>
    <message>
        <source>Optimising {model}</source>
        <translation>Optimización de {model}</translation>
    </message>
    <message>
        <source>The same frame through the original and through the variant</source>
        <translation>El mismo fotograma con el original y con la variante</translation>
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
        <translation>{title}, en uso</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>What was built</source>
        <translation>Lo que se creó</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Veredicto</translation>
    </message>
    <message>
        <source>What to think of it, by what may be lost</source>
        <translation>Qué pensar de ella, según lo que se puede perder</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidad</translation>
    </message>
    <message>
        <source>How many times as fast as the original</source>
        <translation>Cuántas veces la velocidad del original</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>En el disco</translation>
    </message>
    <message>
        <source>Frames/s</source>
        <translation>Fotogr./s</translation>
    </message>
    <message>
        <source>Pictures a second that it can do, measured beside what else runs</source>
        <translation>Imágenes por segundo que puede procesar, medidas junto a lo demás que está en marcha</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latencia</translation>
    </message>
    <message>
        <source>From a picture to its result, the median</source>
        <translation>De una imagen a su resultado, la mediana</translation>
    </message>
    <message>
        <source>How much of what it finds is what the original finds</source>
        <translation>Cuánto de lo que detecta lo detecta también el original</translation>
    </message>
    <message>
        <source>mAP</source>
        <translation>mAP</translation>
    </message>
    <message>
        <source>Mean average precision on your labelled pictures</source>
        <translation>Precisión media (mean average precision) en sus imágenes etiquetadas</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Se ejecuta en</translation>
    </message>
    <message>
        <source>Runtime, device and precision, as read back</source>
        <translation>Motor de inferencia, dispositivo y precisión numérica, tal como se leyeron</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Live</source>
        <translation>En vivo</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>Optimise</source>
        <translation>Optimizar</translation>
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
        <translation>Contraseña</translation>
    </message>
    <message>
        <source>Remember it in the keyring of the system</source>
        <translation>Recordarla en el llavero del sistema</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Conectar</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Ahora no</translation>
    </message>
    <message>
        <source>This stream</source>
        <translation>Este flujo</translation>
    </message>
    <message>
        <source>{tile} needs a password</source>
        <translation>{tile} necesita una contraseña</translation>
    </message>
    <message>
        <source>{tile} needs its whole address</source>
        <translation>{tile} necesita su dirección completa</translation>
    </message>
    <message>
        <source>User or password was refused.</source>
        <translation>Se rechazó el usuario o la contraseña.</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Usuario</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Dirección</translation>
    </message>
    <message>
        <source>The password is not known any more</source>
        <translation>La contraseña ya no se conoce</translation>
    </message>
    <message>
        <source>Enter it again</source>
        <translation>Introdúzcala de nuevo</translation>
    </message>
</context>
<context>
    <name>Problems</name>
    <message>
        <source>(happened {count} times)</source>
        <translation>(ocurrió {count} veces)</translation>
    </message>
    <message>
        <source>Expected: {what}</source>
        <translation>Se esperaba: {what}</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Problemas</translation>
    </message>
    <message>
        <source>Close the list</source>
        <translation>Cerrar la lista</translation>
    </message>
    <message>
        <source>Nothing has gone wrong.</source>
        <translation>No ha fallado nada.</translation>
    </message>
    <message>
        <source>Open the log folder</source>
        <translation>Abrir la carpeta de registros</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Borrar</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
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
        <translation>Lo que dice el manual sobre este mensaje</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copiado</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Qué hacer</translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>Cerrar el aviso</translation>
    </message>
    <message>
        <source>A problem</source>
        <translation>Un problema</translation>
    </message>
</context>
<context>
    <name>QAbstractFileIconProvider</name>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Drive</source>
        <translation>Unidad</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Desconocido</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>&amp;Buscar en:</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>&amp;Tipo de archivo:</translation>
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
        <translation>Ya no hay ningún flujo en marcha</translation>
    </message>
    <message>
        <source>Start a stream</source>
        <translation>Inicie un flujo</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>The program made a mistake</source>
        <translation>El programa cometió un error</translation>
    </message>
    <message>
        <source>It goes on; if something no longer works, start it again. The log has the details</source>
        <translation>El programa sigue; si algo ya no funciona, reinícielo. El registro contiene los detalles</translation>
    </message>
    <message>
        <source>Neither a log nor a report of a crash will be written</source>
        <translation>No se escribirá ni un registro ni un informe de fallo</translation>
    </message>
    <message>
        <source>a folder that can be written, and {count} open windows at most</source>
        <translation>una carpeta en la que se pueda escribir y {count} ventanas abiertas como máximo</translation>
    </message>
    <message>
        <source>Close other windows of Inferoscope, free space on the disk, and start it again</source>
        <translation>Cierre otras ventanas de Inferoscope, libere espacio en el disco y reinícielo</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Looking at free space</source>
        <translation>Consulta del espacio libre</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>The folder for snapshots and recordings is not there any more</source>
        <translation>La carpeta de instantáneas y grabaciones ya no está</translation>
    </message>
    <message>
        <source>Connect its disk again or choose another folder</source>
        <translation>Vuelva a conectar su disco o elija otra carpeta</translation>
    </message>
    <message>
        <source>There is no picture to save yet.</source>
        <translation>Aún no hay ninguna imagen que guardar.</translation>
    </message>
    <message>
        <source>Saving a snapshot</source>
        <translation>Guardado de una instantánea</translation>
    </message>
    <message>
        <source>Start a stream, then record it.</source>
        <translation>Inicie un flujo y después grábelo.</translation>
    </message>
    <message>
        <source>Preparing a recording</source>
        <translation>Preparación de una grabación</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>The folder is used but not remembered</source>
        <translation>La carpeta se usa, pero no se recordará</translation>
    </message>
    <message>
        <source>Free some space, and choose it again at the next start</source>
        <translation>Libere espacio y elíjala de nuevo en el próximo inicio</translation>
    </message>
    <message>
        <source>Choose where snapshots and recordings go. You are asked only once.</source>
        <translation>Elija dónde se guardan las instantáneas y grabaciones. Solo se pregunta una vez.</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>Guardado</translation>
    </message>
    <message>
        <source>The system has no program that opens it</source>
        <translation>El sistema no tiene ningún programa para abrirlo</translation>
    </message>
    <message>
        <source>Open its folder yourself</source>
        <translation>Abra su carpeta usted mismo</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Grabación</translation>
    </message>
    <message>
        <source>Looking for the recording</source>
        <translation>Búsqueda de la grabación</translation>
    </message>
    <message>
        <source>The recording has ended, with all files whole, because {free} are left on the disk</source>
        <translation>La grabación ha terminado, con todos los archivos íntegros, porque quedan {free} en el disco</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder, and record again</source>
        <translation>Libere espacio o elija otra carpeta, y grabe de nuevo</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} fotogramas</translation>
    </message>
    <message>
        <source>{size} free</source>
        <translation>{size} libres</translation>
    </message>
    <message>
        <source>Only {free} are free; a recording ends at {kept}.</source>
        <translation>Solo quedan {free} libres; una grabación termina con {kept}.</translation>
    </message>
    <message>
        <source>{count} frames were not recorded: the disk or the video encoder is too slow.</source>
        <translation>No se grabaron {count} fotogramas: el disco o el codificador de vídeo es demasiado lento.</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} guardado</translation>
    </message>
    <message>
        <source>Saved {name} and {count} more</source>
        <translation>{name} y {count} más guardados</translation>
    </message>
    <message>
        <source>Nothing can be recorded: {free} are free on its disk</source>
        <translation>No se puede grabar nada: quedan {free} libres en su disco</translation>
    </message>
    <message>
        <source>more than {kept}</source>
        <translation>más de {kept}</translation>
    </message>
    <message>
        <source>Free some space, choose another folder, or keep less free in the settings</source>
        <translation>Libere espacio, elija otra carpeta o reserve menos espacio libre en los ajustes</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>Instantáneas y grabaciones</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Ver en la carpeta</translation>
    </message>
    <message>
        <source>Folder for snapshots and recordings</source>
        <translation>Carpeta de instantáneas y grabaciones</translation>
    </message>
    <message>
        <source>Snapshots and recordings go to {folder}. Choose another folder.</source>
        <translation>Las instantáneas y grabaciones van a {folder}. Elegir otra carpeta.</translation>
    </message>
    <message>
        <source>Save here</source>
        <translation>Guardar aquí</translation>
    </message>
    <message>
        <source>Finishing the recording: {percent} %</source>
        <translation>Terminando la grabación: {percent} %</translation>
    </message>
    <message>
        <source>● Recording {time}</source>
        <translation>● Grabación {time}</translation>
    </message>
</context>
<context>
    <name>Secrets</name>
    <message>
        <source>the keyring did not take them</source>
        <translation>el llavero no las aceptó</translation>
    </message>
    <message>
        <source>there is no keyring on this computer</source>
        <translation>no hay llavero en este equipo</translation>
    </message>
    <message>
        <source>Passwords are known only until the program ends: {why}</source>
        <translation>Las contraseñas solo se conservan hasta cerrar el programa: {why}</translation>
    </message>
    <message>
        <source>You will be asked for them at the next start</source>
        <translation>Se le pedirán en el próximo inicio</translation>
    </message>
</context>
<context>
    <name>Selection</name>
    <message>
        <source>Measured to be the best for this model on this computer.</source>
        <translation>Medido como lo mejor para este modelo en este equipo.</translation>
    </message>
    <message>
        <source>It does not read OpenVINO models</source>
        <translation>No lee modelos OpenVINO</translation>
    </message>
    <message>
        <source>Choose OpenVINO, or the ONNX file that the model was made from</source>
        <translation>Elija OpenVINO, o el archivo ONNX del que se hizo el modelo</translation>
    </message>
    <message>
        <source>It finds no device here.</source>
        <translation>No encuentra ningún dispositivo aquí.</translation>
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
        <translation>Lo que funciona en todas partes con este backend</translation>
    </message>
    <message>
        <source>The most exact</source>
        <translation>La más exacta</translation>
    </message>
    <message>
        <source>Automatic ({precision})</source>
        <translation>Auto ({precision})</translation>
    </message>
    <message>
        <source>Takes the INT8 variant of the model, or offers to build it.</source>
        <translation>Toma la variante INT8 del modelo u ofrece crearla.</translation>
    </message>
    <message>
        <source>It is not known here.</source>
        <translation>Aquí no se conoce.</translation>
    </message>
</context>
<context>
    <name>SessionFile</name>
    <message>
        <source>Saving the session</source>
        <translation>Guardado de la sesión</translation>
    </message>
    <message>
        <source>The session file cannot be read</source>
        <translation>No se puede leer el archivo de sesión</translation>
    </message>
    <message>
        <source>Check that you may read it</source>
        <translation>Compruebe que tiene permiso para leerlo</translation>
    </message>
    <message>
        <source>The session cannot be saved</source>
        <translation>No se puede guardar la sesión</translation>
    </message>
    <message>
        <source>Free space on the disk, and check that you may write to the folder</source>
        <translation>Libere espacio en el disco y compruebe que puede escribir en la carpeta</translation>
    </message>
    <message>
        <source>The session file was made by a later version of the program</source>
        <translation>El archivo de sesión es de una versión posterior del programa</translation>
    </message>
    <message>
        <source>Install the newest version</source>
        <translation>Instale la versión más reciente</translation>
    </message>
    <message>
        <source>at most {count} bytes</source>
        <translation>como máximo {count} bytes</translation>
    </message>
    <message>
        <source>line {line}, column {column}</source>
        <translation>línea {line}, columna {column}</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>JSON in UTF-8</source>
        <translation>JSON en UTF-8</translation>
    </message>
    <message>
        <source>that no two tiles or models have the same</source>
        <translation>que no haya dos visores o modelos con el mismo</translation>
    </message>
    <message>
        <source>the id of one of the models</source>
        <translation>el id de uno de los modelos</translation>
    </message>
    <message>
        <source>a number in quotation marks</source>
        <translation>un número entre comillas</translation>
    </message>
    <message>
        <source>the password in it was left out; you will be asked for it</source>
        <translation>se omitió la contraseña que contenía; se le pedirá</translation>
    </message>
    <message>
        <source>the numbers of classes as names</source>
        <translation>los números de las clases como nombres</translation>
    </message>
    <message>
        <source>colours such as #ff8800</source>
        <translation>colores como #ff8800</translation>
    </message>
    <message>
        <source>It was kept as {path}</source>
        <translation>Se conservó como {path}</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sesión</translation>
    </message>
    <message>
        <source>This file is not there</source>
        <translation>Este archivo no existe</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>Elija otro archivo</translation>
    </message>
    <message>
        <source>Not all of the session could be used: {first}</source>
        <translation>No se pudo usar toda la sesión: {first}</translation>
    </message>
    <message>
        <source>Look at the details, and set up again what is missing</source>
        <translation>Consulte los detalles y vuelva a configurar lo que falta</translation>
    </message>
    <message>
        <source>Another Inferoscope has this session open; what you set up here is not saved</source>
        <translation>Otro Inferoscope tiene abierta esta sesión; lo que configure aquí no se guarda</translation>
    </message>
    <message>
        <source>Close the other one, or save the session as a file</source>
        <translation>Cierre el otro o guarde la sesión en un archivo</translation>
    </message>
    <message>
        <source>The session is not saved yet: its folder does not answer</source>
        <translation>La sesión aún no está guardada: su carpeta no responde</translation>
    </message>
    <message>
        <source>Check the drive or its network, or save the session as a file elsewhere</source>
        <translation>Compruebe la unidad o su red, o guarde la sesión en un archivo en otro lugar</translation>
    </message>
    <message>
        <source>an object in braces</source>
        <translation>un objeto entre llaves</translation>
    </message>
    <message>
        <source>that it is there</source>
        <translation>que exista</translation>
    </message>
    <message>
        <source>a list of at most {count}</source>
        <translation>una lista de {count} como máximo</translation>
    </message>
    <message>
        <source>{place} is not known and was left out</source>
        <translation>{place} no se conoce y se omitió</translation>
    </message>
    <message>
        <source>The session file is damaged</source>
        <translation>El archivo de sesión está dañado</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true o false</translation>
    </message>
    <message>
        <source>a number from {least:g} to {most:g}</source>
        <translation>un número de {least:g} a {most:g}</translation>
    </message>
    <message>
        <source>a whole number from {least} to {most}</source>
        <translation>un número entero de {least} a {most}</translation>
    </message>
    <message>
        <source>a line of at most {count} letters</source>
        <translation>una línea de {count} letras como máximo</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>uno de {choices}</translation>
    </message>
    <message>
        <source>a list of whole numbers</source>
        <translation>una lista de números enteros</translation>
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
        <translation>Lo que no se pudo leer tiene su valor habitual; vea la página de ajustes</translation>
    </message>
    <message>
        <source>It holds until the program ends, and cannot be saved: {reason}</source>
        <translation>Vale hasta cerrar el programa y no se puede guardar: {reason}</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true o false</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>un número entero</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>un número</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>un texto</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>uno de {choices}</translation>
    </message>
    <message>
        <source>{least:g} to {most:g}</source>
        <translation>de {least:g} a {most:g}</translation>
    </message>
    <message>
        <source>{title} ({key}): expected {what}, got {value}</source>
        <translation>{title} ({key}): se esperaba {what}, no {value}</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apariencia</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Tema</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>Colores de la ventana.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscuro</translation>
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
        <translation>De toda la ventana, a partir del próximo inicio del programa.</translation>
    </message>
    <message>
        <source>Pictures drawn per second</source>
        <translation>Imágenes dibujadas por segundo</translation>
    </message>
    <message>
        <source>At most so often is a tile drawn anew. Fewer leave more of the processor to the models.</source>
        <translation>Como máximo, un visor se redibuja con esta frecuencia. Menos imágenes dejan más procesador para los modelos.</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>por segundo</translation>
    </message>
    <message>
        <source>Size of labels</source>
        <translation>Tamaño de las etiquetas</translation>
    </message>
    <message>
        <source>Height of the letters on the pictures.</source>
        <translation>Altura de las letras sobre las imágenes.</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>píxeles</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Ejecución</translation>
    </message>
    <message>
        <source>Continue where you stopped</source>
        <translation>Continuar donde lo dejó</translation>
    </message>
    <message>
        <source>Streams that ran when the program ended run again when it starts.</source>
        <translation>Los flujos que estaban en marcha al cerrar el programa se reanudan al iniciarlo.</translation>
    </message>
    <message>
        <source>Keep the computer awake</source>
        <translation>Mantener activo el equipo</translation>
    </message>
    <message>
        <source>While a stream runs, neither the computer nor its screen goes to sleep.</source>
        <translation>Mientras hay un flujo en marcha, ni el equipo ni su pantalla se suspenden.</translation>
    </message>
    <message>
        <source>Models run for</source>
        <translation>Los modelos buscan</translation>
    </message>
    <message>
        <source>Throughput uses all processor cores; latency answers each frame soonest.</source>
        <translation>El máximo de fotogramas usa todos los núcleos del procesador; la latencia mínima responde antes a cada fotograma.</translation>
    </message>
    <message>
        <source>Most frames per second</source>
        <translation>Más fotogramas por segundo</translation>
    </message>
    <message>
        <source>Shortest delay</source>
        <translation>Menor latencia</translation>
    </message>
    <message>
        <source>Try new models in a process of their own</source>
        <translation>Probar modelos nuevos en un proceso aparte</translation>
    </message>
    <message>
        <source>A model file that was never loaded before cannot take the program down with it.</source>
        <translation>Un archivo de modelo que nunca se ha cargado no puede hacer caer el programa.</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>Instantáneas y grabaciones</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Where snapshots and recordings go. Asked for at the first one.</source>
        <translation>Dónde se guardan las instantáneas y grabaciones. Se pregunta la primera vez.</translation>
    </message>
    <message>
        <source>Draw what was found</source>
        <translation>Dibujar lo detectado</translation>
    </message>
    <message>
        <source>Else pictures are saved as they came.</source>
        <translation>Si no, las imágenes se guardan tal como llegaron.</translation>
    </message>
    <message>
        <source>Format of snapshots</source>
        <translation>Formato de las instantáneas</translation>
    </message>
    <message>
        <source>PNG keeps every pixel, JPEG is smaller.</source>
        <translation>PNG conserva cada píxel, JPEG ocupa menos.</translation>
    </message>
    <message>
        <source>Format of recordings</source>
        <translation>Formato de las grabaciones</translation>
    </message>
    <message>
        <source>MP4 is light on the processor. WebM plays in browsers and takes longer to make.</source>
        <translation>MP4 exige poco al procesador. WebM se reproduce en navegadores y tarda más en hacerse.</translation>
    </message>
    <message>
        <source>Results beside the pictures</source>
        <translation>Resultados junto a las imágenes</translation>
    </message>
    <message>
        <source>What was found on each frame, for other programs to read.</source>
        <translation>Lo detectado en cada fotograma, para que lo lean otros programas.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>Líneas JSON</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>Tabla CSV</translation>
    </message>
    <message>
        <source>Keep free on the disk</source>
        <translation>Mantener libre en el disco</translation>
    </message>
    <message>
        <source>A recording ends before less than this is left.</source>
        <translation>Una grabación termina antes de que quede menos que esto.</translation>
    </message>
    <message>
        <source>The settings could not be read: {error}</source>
        <translation>No se pudieron leer los ajustes: {error}</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>Buscar en los ajustes</translation>
    </message>
    <message>
        <source>No setting has these words.</source>
        <translation>Ningún ajuste contiene estas palabras.</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Restablecer</translation>
    </message>
    <message>
        <source>Reset: {title}</source>
        <translation>Restablecer: {title}</translation>
    </message>
    <message>
        <source>On</source>
        <translation>Sí</translation>
    </message>
    <message>
        <source>Not chosen yet</source>
        <translation>Aún sin elegir</translation>
    </message>
    <message>
        <source>Choose: {title}</source>
        <translation>Elegir: {title}</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Elegir una carpeta</translation>
    </message>
</context>
<context>
    <name>SourceOpener</name>
    <message>
        <source>Passwords</source>
        <translation>Contraseñas</translation>
    </message>
</context>
<context>
    <name>SourcePicker</name>
    <message>
        <source>Camera {number}</source>
        <translation>Cámara {number}</translation>
    </message>
    <message>
        <source>No camera is plugged in</source>
        <translation>No hay ninguna cámara conectada</translation>
    </message>
    <message>
        <source>Plug one in and press Refresh. If one is plugged in, close other programs that use it, and allow this program to use cameras in the system&apos;s settings.</source>
        <translation>Conecte una y pulse Actualizar. Si hay una conectada, cierre otros programas que la usen y permita a este programa usar cámaras en los ajustes del sistema.</translation>
    </message>
    <message>
        <source>Files that you open are listed here</source>
        <translation>Aquí aparecen los archivos que abra</translation>
    </message>
    <message>
        <source>Addresses that you open are listed here</source>
        <translation>Aquí aparecen las direcciones que abra</translation>
    </message>
    <message>
        <source>An address begins with rtsp://, rtsps://, http:// or https://</source>
        <translation>Una dirección empieza por rtsp://, rtsps://, http:// o https://</translation>
    </message>
    <message>
        <source>It cannot be told where the password ends: type user and password into the fields below</source>
        <translation>No se sabe dónde termina la contraseña: escriba usuario y contraseña en los campos de abajo</translation>
    </message>
    <message>
        <source>This is no whole address. It looks like rtsp://camera.local:554/stream</source>
        <translation>Esta dirección no está completa. Debe ser como rtsp://camera.local:554/stream</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Conectando…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>Abriendo…</translation>
    </message>
    <message>
        <source>No picture came yet</source>
        <translation>Aún no llegó ninguna imagen</translation>
    </message>
    <message>
        <source>Expected: {expected}.</source>
        <translation>Se esperaba: {expected}.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>{rate:g} pictures a second</source>
        <translation>{rate:g} imágenes por segundo</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Frecuencia</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Formato</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Duración</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Imágenes</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>En vivo</translation>
    </message>
    <message>
        <source>It streams already</source>
        <translation>Ya está en marcha</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Buscando…</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Cámaras</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Pantallas</translation>
    </message>
    <message>
        <source>The camera&apos;s own</source>
        <translation>El de la cámara</translation>
    </message>
    <message>
        <source>15 a second (usual)</source>
        <translation>15 por segundo (habitual)</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Actualizar</translation>
    </message>
    <message>
        <source>Look again for what is there</source>
        <translation>Volver a buscar lo que hay</translation>
    </message>
    <message>
        <source>Size of the picture</source>
        <translation>Tamaño de la imagen</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>Imágenes por segundo</translation>
    </message>
    <message>
        <source>Mirror left and right</source>
        <translation>Reflejar izquierda y derecha</translation>
    </message>
    <message>
        <source>Best up to 1920 × 1080</source>
        <translation>El mejor hasta 1920 × 1080</translation>
    </message>
    <message>
        <source>{rate:g} a second</source>
        <translation>{rate:g} por segundo</translation>
    </message>
    <message>
        <source>Video or picture…</source>
        <translation>Vídeo o imagen…</translation>
    </message>
    <message>
        <source>Folder of pictures…</source>
        <translation>Carpeta de imágenes…</translation>
    </message>
    <message>
        <source>Opened lately</source>
        <translation>Abiertos hace poco</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
    <message>
        <source>Choose a video or picture</source>
        <translation>Elegir un vídeo o una imagen</translation>
    </message>
    <message>
        <source>Choose a folder of pictures</source>
        <translation>Elegir una carpeta de imágenes</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Dirección</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Usuario</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Contraseña</translation>
    </message>
    <message>
        <source>Passwords are kept in the keyring of the system, never in a file.</source>
        <translation>Las contraseñas se guardan en el llavero del sistema, nunca en un archivo.</translation>
    </message>
    <message>
        <source>A bottling line that is part of the program, with a model for it. The scene knows what it shows, so you see how right the model is.</source>
        <translation>Una línea de embotellado que forma parte del programa, con un modelo para ella. La escena sabe lo que muestra, así que se ve cuánto acierta el modelo.</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>Buscando</translation>
    </message>
    <message>
        <source>Videos and pictures</source>
        <translation>Vídeos e imágenes</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Todos los archivos</translation>
    </message>
    <message>
        <source>Open a source</source>
        <translation>Abrir una fuente</translation>
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
        <translation>Tipo de fuente</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Cámara</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Pantalla</translation>
    </message>
    <message>
        <source>Trying it out</source>
        <translation>Prueba en curso</translation>
    </message>
    <message>
        <source>Try it out</source>
        <translation>Probar</translation>
    </message>
    <message>
        <source>Stop trying</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>What you choose is tried out here</source>
        <translation>Lo que elija se prueba aquí</translation>
    </message>
    <message>
        <source>First picture</source>
        <translation>Primera imagen</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Empty</source>
        <translation>Vacío</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Detenido</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Conectando</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>En vivo</translation>
    </message>
    <message>
        <source>Playing</source>
        <translation>Reproduciendo</translation>
    </message>
    <message>
        <source>Still picture</source>
        <translation>Imagen fija</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>En pausa</translation>
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
        <translation>No funciona</translation>
    </message>
    <message>
        <source>{seconds:.1f} s old</source>
        <translation>hace {seconds:.1f} s</translation>
    </message>
    <message>
        <source>Picture is {age} old</source>
        <translation>La imagen es de hace {age}</translation>
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
        <translation>La fuente falló.</translation>
    </message>
    <message>
        <source>This source wants a password.</source>
        <translation>Esta fuente pide una contraseña.</translation>
    </message>
    <message>
        <source>This source wants a password: {why}.</source>
        <translation>Esta fuente pide una contraseña: {why}.</translation>
    </message>
    <message>
        <source>The model failed: {why}. The video goes on.</source>
        <translation>El modelo falló: {why}. El vídeo sigue.</translation>
    </message>
    <message>
        <source>The model could not be changed: {why}. What ran before goes on.</source>
        <translation>No se pudo cambiar el modelo: {why}. Sigue lo que estaba en marcha.</translation>
    </message>
    <message>
        <source>no picture comes</source>
        <translation>no llegan imágenes</translation>
    </message>
    <message>
        <source>No new picture: {why}</source>
        <translation>Sin imagen nueva: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}</source>
        <translation>Reconectando, intento {attempt}: {why}</translation>
    </message>
    <message>
        <source>Reconnecting, try {attempt}: {why}, next in {seconds:.0f} s</source>
        <translation>Reconectando, intento {attempt}: {why}, el próximo en {seconds:.0f} s</translation>
    </message>
    <message>
        <source>Model: {phase}, {seconds:.0f} s</source>
        <translation>Modelo: {phase}, {seconds:.0f} s</translation>
    </message>
    <message>
        <source>No source</source>
        <translation>Sin fuente</translation>
    </message>
    <message>
        <source>Demo: bottling line</source>
        <translation>Demo: línea de embotellado</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>Cámara {number}</translation>
    </message>
    <message>
        <source>Password…</source>
        <translation>Contraseña…</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Intentar ahora</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>Elegir una fuente…</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Cargar de nuevo</translation>
    </message>
    <message>
        <source>How far the model is</source>
        <translation>Progreso del modelo</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Stop loading; what ran before goes on.</source>
        <translation>Detener la carga; sigue lo que estaba en marcha.</translation>
    </message>
    <message>
        <source>Drop a video or a model here</source>
        <translation>Suelte aquí un vídeo o un modelo</translation>
    </message>
    <message>
        <source>A camera, a video, an address, the screen or the demo.</source>
        <translation>Una cámara, un vídeo, una dirección, la pantalla o la demo.</translation>
    </message>
    <message>
        <source>found {seconds:.1f} s before this picture</source>
        <translation>detectado {seconds:.1f} s antes de esta imagen</translation>
    </message>
    <message>
        <source>Empty tile</source>
        <translation>Visor vacío</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Camera</source>
        <translation>Cámara</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Sin modelo</translation>
    </message>
    <message>
        <source>Only the pictures</source>
        <translation>Solo las imágenes</translation>
    </message>
    <message>
        <source>Finishing {percent} %</source>
        <translation>Terminando {percent} %</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Fuente</translation>
    </message>
    <message>
        <source>Where the pictures come from</source>
        <translation>De dónde vienen las imágenes</translation>
    </message>
    <message>
        <source>Choose a source…</source>
        <translation>Elegir una fuente…</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>What analyses the pictures</source>
        <translation>Lo que analiza las imágenes</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Abrir un archivo…</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Backend</translation>
    </message>
    <message>
        <source>The program that runs the model</source>
        <translation>El programa que ejecuta el modelo</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>The hardware that runs the model</source>
        <translation>El hardware que ejecuta el modelo</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>The number format that the model is computed in</source>
        <translation>El formato numérico en que se calcula el modelo</translation>
    </message>
    <message>
        <source>Changes are for</source>
        <translation>Cambios para</translation>
    </message>
    <message>
        <source>Whether the bar acts on the selected tile or on all</source>
        <translation>Si la barra actúa sobre el visor seleccionado o sobre todos</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Iniciar</translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation>Terminar la grabación</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Grabar</translation>
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
        <translation>Captura</translation>
    </message>
    <message>
        <source>Inference</source>
        <translation>Inferencia</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Pantalla</translation>
    </message>
    <message>
        <source>All causes</source>
        <translation>Todas las causas</translation>
    </message>
    <message>
        <source>Newest frame</source>
        <translation>El más reciente</translation>
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
        <translation>Frecuencia</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latencia</translation>
    </message>
    <message>
        <source>ms by stage</source>
        <translation>ms por etapa</translation>
    </message>
    <message>
        <source>Age of the frame</source>
        <translation>Antigüedad</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>Descartados</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Procesador</translation>
    </message>
    <message>
        <source>% of all cores</source>
        <translation>% de todos los núcleos</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Memoria</translation>
    </message>
    <message>
        <source>Compared with what the demo really shows, over the last two seconds: precision is how much of what was found is right, recall is how much of what is there was found.</source>
        <translation>En comparación con lo que la demo muestra realmente, durante los dos últimos segundos: la precisión es cuánto de lo detectado es correcto; la cobertura (recall) es cuánto de lo que hay se detectó.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Cobertura</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Exactitud</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Cola</translation>
    </message>
    <message>
        <source>Preprocess</source>
        <translation>Preproceso</translation>
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
        <translation>Dibujar</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>Total</translation>
    </message>
    <message>
        <source>A newer frame came first</source>
        <translation>Llegó antes un fotograma más nuevo</translation>
    </message>
    <message>
        <source>Above your limit of frames</source>
        <translation>Por encima de su límite de fotogramas</translation>
    </message>
    <message>
        <source>No model was ready</source>
        <translation>Ningún modelo estaba listo</translation>
    </message>
    <message>
        <source>Seek, loop or stop</source>
        <translation>Salto, repetición o parada</translation>
    </message>
    <message>
        <source>Result came too late</source>
        <translation>El resultado llegó demasiado tarde</translation>
    </message>
    <message>
        <source>The model failed</source>
        <translation>El modelo falló</translation>
    </message>
    <message>
        <source>The model did not answer</source>
        <translation>El modelo no respondió</translation>
    </message>
    <message>
        <source>No results in this time.</source>
        <translation>No hay resultados en este tiempo.</translation>
    </message>
    <message>
        <source>{count} results. Total: median {p50}, 95 % within {p95}, 99 % within {p99} ms.</source>
        <translation>{count} resultados. Total: mediana {p50}, 95 % en {p95}, 99 % en {p99} ms.</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>fotogramas</translation>
    </message>
    <message>
        <source>No frame was dropped in this time.</source>
        <translation>No se descartó ningún fotograma en este tiempo.</translation>
    </message>
    <message>
        <source>All {count} tiles together</source>
        <translation>Los {count} visores juntos</translation>
    </message>
    <message>
        <source>Saving the traces</source>
        <translation>Guardado de las trazas</translation>
    </message>
    <message>
        <source>Traces</source>
        <translation>Trazas</translation>
    </message>
    <message>
        <source>{seconds} s until {time}</source>
        <translation>{seconds} s hasta {time}</translation>
    </message>
    <message>
        <source>Turn the wheel to zoom, drag to move, double-click to follow the present again.</source>
        <translation>Gire la rueda para ampliar, arrastre para mover, haga doble clic para volver a seguir el presente.</translation>
    </message>
    <message>
        <source>now</source>
        <translation>ahora</translation>
    </message>
    <message>
        <source>here</source>
        <translation>aquí</translation>
    </message>
    <message>
        <source>Length of time</source>
        <translation>Intervalo de tiempo</translation>
    </message>
    <message>
        <source>How much time the plots show.</source>
        <translation>Cuánto tiempo muestran los gráficos.</translation>
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
        <translation>Elegir los gráficos</translation>
    </message>
    <message>
        <source>Save as a picture (PNG)…</source>
        <translation>Guardar como imagen (PNG)…</translation>
    </message>
    <message>
        <source>Save as a table (CSV)…</source>
        <translation>Guardar como tabla (CSV)…</translation>
    </message>
    <message>
        <source>Save the traces</source>
        <translation>Guardar las trazas</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>En vivo</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>Congelar</translation>
    </message>
    <message>
        <source>Follow the present again.</source>
        <translation>Volver a seguir el presente.</translation>
    </message>
    <message>
        <source>Hold the plots; measuring goes on.</source>
        <translation>Congelar los gráficos; la medición sigue.</translation>
    </message>
    <message>
        <source>PNG picture</source>
        <translation>Imagen PNG</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>Tabla CSV</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} guardado</translation>
    </message>
    <message>
        <source>Held at {time}</source>
        <translation>Congelado a las {time}</translation>
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
        <translation>Posición en el archivo</translation>
    </message>
    <message>
        <source>Drag to go to another place in the file.</source>
        <translation>Arrastre para ir a otra posición del archivo.</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Fotograma anterior</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Reproducir</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Fotograma siguiente</translation>
    </message>
    <message>
        <source>Begin again at the end</source>
        <translation>Volver a empezar al llegar al final</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidad</translation>
    </message>
    <message>
        <source>How a file is analysed</source>
        <translation>Cómo se analiza un archivo</translation>
    </message>
    <message>
        <source>Which picture is shown</source>
        <translation>Qué imagen se muestra</translation>
    </message>
    <message>
        <source>Frames analysed a second, at most</source>
        <translation>Fotogramas analizados por segundo, como máximo</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausa</translation>
    </message>
    <message>
        <source>Real time</source>
        <translation>Tiempo real</translation>
    </message>
    <message>
        <source>Every frame</source>
        <translation>Cada fotograma</translation>
    </message>
    <message>
        <source>In step</source>
        <translation>Exacta</translation>
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
