/* Stands in for Windows' own icuuc.dll in a Wine test prefix, which lacks it: Qt then uses its built-in codecs.
 * Every converter is "not found" (U_FILE_ACCESS_ERROR = 4). Never shipped. */
#define EXPORT __declspec(dllexport)
typedef unsigned short UChar;
static void not_found(int *status) { if (status) *status = 4; }

EXPORT void *ucnv_open(const char *name, int *status) { not_found(status); return 0; }
EXPORT void ucnv_close(void *converter) {}
EXPORT void ucnv_reset(void *converter) {}
EXPORT int ucnv_countAvailable(void) { return 0; }
EXPORT const char *ucnv_getAvailableName(int index) { return 0; }
EXPORT const char *ucnv_getStandardName(const char *name, const char *standard, int *status) { not_found(status); return 0; }
EXPORT const char *ucnv_getName(const void *converter, int *status) { not_found(status); return 0; }
EXPORT signed char ucnv_getMaxCharSize(const void *converter) { return 1; }
EXPORT int ucnv_toUCountPending(const void *converter, int *status) { not_found(status); return 0; }
EXPORT int ucnv_fromUCountPending(const void *converter, int *status) { not_found(status); return 0; }
EXPORT void ucnv_toUnicode(void *converter, UChar **to, const UChar *to_end, const char **from, const char *from_end,
                           int *offsets, signed char flush, int *status) { not_found(status); }
EXPORT void ucnv_fromUnicode(void *converter, char **to, const char *to_end, const UChar **from, const UChar *from_end,
                             int *offsets, signed char flush, int *status) { not_found(status); }
EXPORT void ucnv_setToUCallBack(void *converter, void *action, const void *context, void **old_action,
                                const void **old_context, int *status) { not_found(status); }
EXPORT void ucnv_setFromUCallBack(void *converter, void *action, const void *context, void **old_action,
                                  const void **old_context, int *status) { not_found(status); }
EXPORT void ucnv_getToUCallBack(const void *converter, void **action, const void **context) {}
EXPORT void ucnv_getFromUCallBack(const void *converter, void **action, const void **context) {}
EXPORT void ucnv_cbToUWriteUChars(void *arguments, const UChar *source, int length, int offset, int *status) { not_found(status); }
EXPORT void ucnv_cbFromUWriteUChars(void *arguments, const UChar **source, const UChar *end, int offset, int *status) { not_found(status); }
EXPORT void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
EXPORT void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
