// A PKCS#11 library in front of another one, LIBRARY, whose C_Sign answers nothing while the file SILENCE is there.
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(type, name) type name
#define CK_DECLARE_FUNCTION_POINTER(type, name) type(*name)
#define CK_CALLBACK_FUNCTION(type, name) type(*name)
#define NULL_PTR NULL
#include "pkcs11.h"

static CK_FUNCTION_LIST functions;
static CK_C_Sign answer;

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature, CK_ULONG_PTR bytes) {
  while (access(SILENCE, F_OK) == 0) usleep(2000);
  return answer(session, data, length, signature, bytes);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *library = dlopen(LIBRARY, RTLD_NOW);
  if (library == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList ask = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  CK_FUNCTION_LIST_PTR theirs;
  CK_RV rv = ask(&theirs);
  if (rv != CKR_OK) return rv;
  functions = *theirs;
  answer = functions.C_Sign;
  functions.C_Sign = sign;
  *list = &functions;
  return CKR_OK;
}
