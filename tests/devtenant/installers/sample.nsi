; SPDX-License-Identifier: Apache-2.0
; An installer of the kind that WinGet calls "nullsoft": /S for silent, /D=folder as the last word.
; Wanted on the command line: NAME KEY VERSION VERSION4 MAKER PROGRAM PAYLOAD OUT

Unicode true
SetCompressor /SOLID lzma
Name "${NAME}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\${NAME}"
RequestExecutionLevel admin
ShowInstDetails show

VIProductVersion "${VERSION4}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "CompanyName" "${MAKER}"
VIAddVersionKey "FileVersion" "${VERSION4}"
VIAddVersionKey "FileDescription" "${NAME} setup (local tenant sample)"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${KEY}"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section
	SetRegView 64
	SetOutPath "$INSTDIR"
	File "/oname=${PROGRAM}" "${PAYLOAD}"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "${NAME}"
	WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKLM "${UNINSTALL}" "Publisher" "${MAKER}"
	WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD HKLM "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKLM "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
	SetRegView 64
	Delete "$INSTDIR\${PROGRAM}"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR"
	DeleteRegKey HKLM "${UNINSTALL}"
SectionEnd
