#pragma once
#ifdef __cplusplus
extern "C" {
#endif
const char* library_value(void);
#ifdef __cplusplus
}
#endif
#ifdef __cplusplus
const char* shared_value(void);
const char* objects_value(void);
#endif
