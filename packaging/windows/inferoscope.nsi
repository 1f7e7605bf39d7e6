; The installer for Windows: for one person, without administrator rights.
; build.py compiles it and defines VERSION, FOUR_NUMBERS, PROGRAM (the frozen program's folder), LICENCES, ICON,
; SIDE and OUTPUT.
;
; Silent: setup.exe /S [/D=C:\a\folder], uninstall.exe /S. Status 3: the program runs; 4: Windows is too old.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
SetCompressorDictSize 64
SetDateSave off
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS all

!include LogicLib.nsh
!include MUI2.nsh
!include WinVer.nsh

!define NAME "Inferoscope"
!define WINDOW "inferoscope-window.exe"
!define CONSOLE "inferoscope.exe"
!define KIND "Inferoscope.onnx"
!define CLASSES "Software\Classes"
!define OURS "Software\${NAME}"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define APP_PATH "Software\Microsoft\Windows\CurrentVersion\App Paths\${CONSOLE}"
!define OLDEST_BUILD 17763
!define IS_RUNNING 3
!define IS_TOO_OLD 4

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${OURS}" "Folder"
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${FOUR_NUMBERS}"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} Setup"
VIAddVersionKey LegalCopyright "Apache License 2.0"

; Pages ---------------------------------------------------------------------------------------------------------------

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_ABORTWARNING
!define MUI_LANGDLL_REGISTRY_ROOT HKCU
!define MUI_LANGDLL_REGISTRY_KEY "${OURS}"
!define MUI_LANGDLL_REGISTRY_VALUENAME "Language"

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE $(LICENCE)
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${WINDOW}"
!insertmacro MUI_PAGE_FINISH

!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "PortugueseBR"
!insertmacro MUI_LANGUAGE "Japanese"
!insertmacro MUI_RESERVEFILE_LANGDLL
!include texts.nsh

LicenseLangString LICENCE ${LANG_ENGLISH} "${LICENCES}/en.txt"
LicenseLangString LICENCE ${LANG_SPANISH} "${LICENCES}/es.txt"
LicenseLangString LICENCE ${LANG_PORTUGUESEBR} "${LICENCES}/pt_BR.txt"
LicenseLangString LICENCE ${LANG_JAPANESE} "${LICENCES}/ja.txt"

; What both do --------------------------------------------------------------------------------------------------------

!macro REFUSE_WHILE_IT_RUNS PREFIX
  Function ${PREFIX}RefuseWhileItRuns
    ${Do}
      StrCpy $1 0
      Push "$INSTDIR\${WINDOW}"
      Call ${PREFIX}IsRunning
      Push "$INSTDIR\${CONSOLE}"
      Call ${PREFIX}IsRunning
      ${If} $1 == 0
        Return
      ${EndIf}
      ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(IT_RUNS)" /SD IDCANCEL IDCANCEL`
        SetErrorLevel ${IS_RUNNING}
        Quit
      ${EndIf}
    ${Loop}
  FunctionEnd

  ; Adds 1 to $1 where the file on the stack is a program that runs: Windows lets nobody write into it then.
  Function ${PREFIX}IsRunning
    Pop $0
    ${If} ${FileExists} "$0"
      ClearErrors
      FileOpen $2 "$0" a
      ${If} ${Errors}
        IntOp $1 $1 + 1
      ${Else}
        FileClose $2
      ${EndIf}
    ${EndIf}
  FunctionEnd

  ; Whatever lies in the folder besides is not ours.
  Function ${PREFIX}RemoveProgram
    RMDir /r "$INSTDIR\_internal"
    Delete "$INSTDIR\${WINDOW}"
    Delete "$INSTDIR\${CONSOLE}"
  FunctionEnd

  Function ${PREFIX}TellExplorer
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  FunctionEnd
!macroend
!insertmacro REFUSE_WHILE_IT_RUNS ""
!insertmacro REFUSE_WHILE_IT_RUNS "un."

; Install -------------------------------------------------------------------------------------------------------------

Function .onInit
  !insertmacro MUI_LANGDLL_DISPLAY
  ${IfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
    SetErrorLevel ${IS_TOO_OLD}
    Quit
  ${EndIf}
FunctionEnd

Section "${NAME}" PROGRAM_SECTION
  Call RefuseWhileItRuns
  Call RemoveOlder
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  Call Register
  Call RegisterKind
  SetOutPath "$DOCUMENTS"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${WINDOW}"
  Call TellExplorer
SectionEnd

; An older version goes first, wherever it is, so that none of its files stay. Settings and models lie elsewhere.
Function RemoveOlder
  ReadRegStr $3 HKCU "${OURS}" "Folder"
  ${If} $3 != ""
  ${AndIf} $3 != $INSTDIR
  ${AndIf} ${FileExists} "$3\uninstall.exe"
    ExecWait '"$3\uninstall.exe" /S _?=$3' $4
    ${If} $4 <> 0
      SetErrorLevel $4
      Abort "$(IT_RUNS)"
    ${EndIf}
    Delete "$3\uninstall.exe"
    RMDir "$3"
  ${EndIf}
  Call RemoveProgram
FunctionEnd

Function Register
  WriteRegStr HKCU "${OURS}" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${OURS}" "Language" "$LANGUAGE"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${WINDOW}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  SectionGetSize ${PROGRAM_SECTION} $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  WriteRegStr HKCU "${APP_PATH}" "" "$INSTDIR\${CONSOLE}"
FunctionEnd

; Offered for .onnx under "Open with"; what a person has chosen for such files stays their choice.
Function RegisterKind
  WriteRegStr HKCU "${CLASSES}\${KIND}" "" "$(ONNX_MODEL)"
  WriteRegStr HKCU "${CLASSES}\${KIND}\DefaultIcon" "" "$INSTDIR\${WINDOW},0"
  WriteRegStr HKCU "${CLASSES}\${KIND}\shell\open\command" "" '"$INSTDIR\${WINDOW}" "%1"'
  WriteRegStr HKCU "${CLASSES}\.onnx\OpenWithProgids" "${KIND}" ""
  WriteRegStr HKCU "${CLASSES}\Applications\${WINDOW}" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "${CLASSES}\Applications\${WINDOW}\shell\open\command" "" '"$INSTDIR\${WINDOW}" "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\${WINDOW}\SupportedTypes" ".onnx" ""
FunctionEnd

; Uninstall -----------------------------------------------------------------------------------------------------------

Function un.onInit
  !insertmacro MUI_UNGETLANGUAGE
FunctionEnd

Section "Uninstall"
  Call un.RefuseWhileItRuns
  Call un.RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Call un.Unregister
  Call un.RemoveData
  Call un.TellExplorer
SectionEnd

Function un.Unregister
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${APP_PATH}"
  DeleteRegKey HKCU "${OURS}"
  DeleteRegKey HKCU "${CLASSES}\${KIND}"
  DeleteRegKey HKCU "${CLASSES}\Applications\${WINDOW}"
  DeleteRegValue HKCU "${CLASSES}\.onnx\OpenWithProgids" "${KIND}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.onnx\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.onnx"
FunctionEnd

; What can be made again goes; what a person would miss stays unless they say otherwise.
Function un.RemoveData
  RMDir /r "$LOCALAPPDATA\inferoscope\Cache"
  RMDir "$LOCALAPPDATA\inferoscope"
  ${If} ${FileExists} "$LOCALAPPDATA\inferoscope\*.*"
  ${AndIf} ${Cmd} `MessageBox MB_YESNO|MB_DEFBUTTON2|MB_ICONQUESTION "$(REMOVE_DATA)" /SD IDNO IDYES`
    RMDir /r "$LOCALAPPDATA\inferoscope"
  ${EndIf}
FunctionEnd
