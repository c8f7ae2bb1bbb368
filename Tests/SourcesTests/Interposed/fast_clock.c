// Has the program under test live faster than its machine: tests load it by LD_PRELOAD.
//
// What clock_gettime(2) says goes CLOCK_SPEED times as fast from the program's start, and timers come so much sooner: the
// runtime has no other time. Other programs that it runs are left alone. Build: cc -shared -fPIC.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#define CLOCKS 16
#define TIMERS 1024
#define SECOND 1000000000LL

static long long speed = 1;
// What each clock said at the start, in nanoseconds.
static long long start[CLOCKS];
static clockid_t clock_of[TIMERS];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long long read_clock(clockid_t clock) {
    static __typeof__(&clock_gettime) real;
    if (real == NULL) real = REAL(clock_gettime);
    struct timespec time = {0, 0};
    real(clock, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static struct timespec timespec_of(long long nanoseconds) {
    return (struct timespec){nanoseconds / SECOND, nanoseconds % SECOND};
}

__attribute__((constructor)) static void begin(void) {
    if (strcmp(program_invocation_short_name, "swathlog") != 0 || getenv("CLOCK_SPEED") == NULL) return;
    for (clockid_t clock = 0; clock < CLOCKS; clock++) start[clock] = read_clock(clock);
    speed = atoll(getenv("CLOCK_SPEED"));
}

static int is_fast(clockid_t clock) {
    return speed > 1
        && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC
            || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!is_fast(clock)) return REAL(clock_gettime)(clock, time);
    *time = timespec_of(start[clock] + (read_clock(clock) - start[clock]) * speed);
    return 0;
}

int timerfd_create(int clock, int flags) {
    int made = REAL(timerfd_create)(clock, flags);
    if (made >= 0 && made < TIMERS) clock_of[made] = clock;
    return made;
}

int timerfd_settime(int timer, int flags, const struct itimerspec *wanted, struct itimerspec *before) {
    long long moment = wanted->it_value.tv_sec * SECOND + wanted->it_value.tv_nsec;
    if (moment == 0 || timer >= TIMERS || !is_fast(clock_of[timer]))
        return REAL(timerfd_settime)(timer, flags, wanted, before);
    long long from = flags & TFD_TIMER_ABSTIME ? start[clock_of[timer]] : 0;
    // A timer of 0 would be none.
    long long real = moment <= from ? 1 : from + (moment - from) / speed;
    struct itimerspec sooner = {wanted->it_interval, timespec_of(real > 0 ? real : 1)};
    return REAL(timerfd_settime)(timer, flags, &sooner, before);
}
