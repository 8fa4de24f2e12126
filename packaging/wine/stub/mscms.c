/* Stands in for mscms.dll in a Wine test prefix: the colour-profile calls of Qt's Windows plugin, "no profile".
 * Never shipped. */
#define EXPORT __declspec(dllexport)

EXPORT void *OpenColorProfileW(void *profile, unsigned access, unsigned share, unsigned mode) { return 0; }
EXPORT int CloseColorProfile(void *profile) { return 1; }
EXPORT void *WcsCreateIccProfile(void *profile, unsigned options) { return 0; }
EXPORT int GetColorProfileFromHandle(void *profile, unsigned char *buffer, unsigned *size) { if (size) *size = 0; return 0; }
