; Per-user installer: no administrator, silent with /S, upgrades in place, refuses while the program runs, leaves data.
;   makensis -DSOURCE=dist/QuantumBotX -DVERSION=0.1.0 -DICON=app.ico -DOUTPUT=QuantumBotX-0.1.0-x64-setup.exe installer.nsi
; Sign the programs before and the installer afterwards (packaging/windows/README.md).
Unicode true
Target amd64-unicode
ManifestDPIAware true
RequestExecutionLevel user
!ifdef FAST
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  ; Wide enough for the two programs, which hold the same modules, to be one.
  SetCompressorDictSize 64
!endif

!include LogicLib.nsh
!include MUI2.nsh
!include FileFunc.nsh

!define NAME "QuantumBotX"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\QuantumBotX"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define RUNNING "QuantumBotX.Desktop.Running"
!define STILL_RUNS "QuantumBotX is running. Quit it first (its tray icon has Quit), then start this again. Nothing was changed; open positions keep their stops at the broker."

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\QuantumBotX"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
Icon "${ICON}"
UninstallIcon "${ICON}"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "QuantumBotX Desktop"
VIAddVersionKey "FileDescription" "QuantumBotX Desktop setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT licence"
VIAddVersionKey "CompanyName" "QuantumBotX Desktop contributors"

!define MUI_COMPONENTSPAGE_NODESC
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\QuantumBotX.exe"
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "Your bots, history, settings and backups stay in $LOCALAPPDATA\QuantumBotX."
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Indonesian"

; Exit code 3 while the program holds its mutex (kernel object, so a crashed program does not block).
!macro REFUSE_WHILE_RUNNING
  System::Call 'kernel32::OpenMutexW(i 0x100000, i 0, w "${RUNNING}") p .r0'
  ${If} $0 P<> 0
    System::Call 'kernel32::CloseHandle(p r0)'
    IfSilent +2
      MessageBox MB_OK|MB_ICONEXCLAMATION "${STILL_RUNS}"
    SetErrorLevel 3
    Quit
  ${EndIf}
!macroend

Function .onInit
  !insertmacro REFUSE_WHILE_RUNNING
FunctionEnd

Function un.onInit
  !insertmacro REFUSE_WHILE_RUNNING
FunctionEnd

Section "QuantumBotX Desktop" Main
  SectionIn RO
  SetOutPath "$INSTDIR"
  ; Modules of an older version must not stay beside newer ones. Nothing of the trader lies here.
  RMDir /r "$INSTDIR\_internal"
  File /r "${SOURCE}/*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\QuantumBotX.lnk" "$INSTDIR\QuantumBotX.exe" "" "$INSTDIR\QuantumBotX.exe" 0
  Call NameShortcut
  WriteRegStr HKCU "${KEY}" "DisplayName" "QuantumBotX Desktop"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\QuantumBotX.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "QuantumBotX Desktop contributors"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" "$0"
SectionEnd

Section /o "Start with Windows (waits in the tray)" Autostart
  WriteRegStr HKCU "${RUN}" "QuantumBotX" '"$INSTDIR\QuantumBotX.exe" --window --minimized'
SectionEnd

; System.AppUserModel.ID on the shortcut, the same as the program sets: one taskbar button, pinning, the name on toasts.
Function NameShortcut
  System::Call 'ole32::CoCreateInstance(g "{00021401-0000-0000-C000-000000000046}", p 0, i 1, g "{000214F9-0000-0000-C000-000000000046}", *p .r0) i .r1'
  ${If} $1 <> 0
    Return
  ${EndIf}
  System::Call '$0->0(g "{0000010B-0000-0000-C000-000000000046}", *p .r2) i .r1'
  ${If} $1 = 0
    System::Call '$2->5(w "$SMPROGRAMS\QuantumBotX.lnk", i 2) i .r1'
    System::Call '$0->0(g "{886D8EEB-8CF2-4446-8D02-CDBA1DBDCF99}", *p .r3) i .r4'
    ${If} $1 = 0
    ${AndIf} $4 = 0
      System::Call '*(&g16 "{9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3}", i 5) p .r5'
      System::Call '*(&i2 31, &i2 0, &i2 0, &i2 0, w "QuantumBotX.Desktop", p 0) p .r6'
      System::Call '$3->6(p r5, p r6) i .r4'
      System::Call '$3->7() i .r4'
      System::Call '$2->6(w "$SMPROGRAMS\QuantumBotX.lnk", i 1) i .r4'
      System::Free $5
      System::Free $6
      System::Call '$3->2()'
    ${EndIf}
    System::Call '$2->2()'
  ${EndIf}
  System::Call '$0->2()'
FunctionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\QuantumBotX.lnk"
  DeleteRegValue HKCU "${RUN}" "QuantumBotX"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\QuantumBotX.exe"
  Delete "$INSTDIR\qbx.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${KEY}"
  IfSilent +2
    MessageBox MB_OK|MB_ICONINFORMATION "QuantumBotX is removed. Your bots, history, settings and backups are still in $LOCALAPPDATA\QuantumBotX; delete that folder yourself if you no longer want them. Open positions stay at your broker."
SectionEnd
