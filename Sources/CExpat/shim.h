#ifndef SWATHLOG_CEXPAT_SHIM_H
#define SWATHLOG_CEXPAT_SHIM_H

#include <expat.h>

#endif
