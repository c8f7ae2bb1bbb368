/// Loops that the compiler makes once for each pixel size, so that it sees a constant.
#ifndef SWATHLOG_CIMAGING_FOR_EACH_SIZE_H
#define SWATHLOG_CIMAGING_FOR_EACH_SIZE_H

/// For such a loop, which takes the pixel size as its last parameter.
#define IMAGING_INLINE static inline __attribute__((always_inline))

/// Calls it for the size at hand.
#define IMAGING_FOR_SIZE(size, loop, ...) \
    switch (size) {                       \
    case 1:                               \
        loop(__VA_ARGS__, 1);             \
        break;                            \
    case 2:                               \
        loop(__VA_ARGS__, 2);             \
        break;                            \
    case 3:                               \
        loop(__VA_ARGS__, 3);             \
        break;                            \
    case 4:                               \
        loop(__VA_ARGS__, 4);             \
        break;                            \
    case 6:                               \
        loop(__VA_ARGS__, 6);             \
        break;                            \
    case 8:                               \
        loop(__VA_ARGS__, 8);             \
        break;                            \
    }

#endif
