// Kills the program under test at a chosen step of its work: tests load it by LD_PRELOAD.
//
// A step is a change of names or bytes below one of the directories KILL_BELOW (colons between them). When the step of the
// number KILL_AT is done, the process gets SIGKILL; other programs that it runs are left alone. Build: cc -shared -fPIC.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long steps;
static long last;
static const char *below = "";

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("KILL_AT");
    if (number != NULL && strcmp(program_invocation_short_name, "swathlog") == 0) last = atol(number);
    if (getenv("KILL_BELOW") != NULL) below = getenv("KILL_BELOW");
}

static int is_below(const char *path) {
    for (const char *start = below; *start != 0;) {
        size_t length = strcspn(start, ":");
        if (strncmp(path, start, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
        start += length + (start[length] == ':');
    }
    return 0;
}

static void done(const char *path) {
    int kept = errno;
    if (last > 0 && is_below(path) && atomic_fetch_add(&steps, 1) + 1 == last) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = kept;
}

static void done_in(int descriptor) {
    if (last == 0) return;
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    done(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define AFTER(call, what)             \
    do {                              \
        __typeof__(call) got = call;  \
        if (got >= 0) what;           \
        return got;                   \
    } while (0)

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    int got = REAL(open)(path, flags, mode);
    if (got >= 0 && flags & O_CREAT) done(path);
    return got;
}

int mkdir(const char *path, mode_t mode) { AFTER(REAL(mkdir)(path, mode), done(path)); }
int rmdir(const char *path) { AFTER(REAL(rmdir)(path), done(path)); }
int unlink(const char *path) { AFTER(REAL(unlink)(path), done(path)); }
int remove(const char *path) { AFTER(REAL(remove)(path), done(path)); }
int chmod(const char *path, mode_t mode) { AFTER(REAL(chmod)(path, mode), done(path)); }
int rename(const char *old, const char *new) { AFTER(REAL(rename)(old, new), done(new)); }
int link(const char *old, const char *new) { AFTER(REAL(link)(old, new), done(new)); }
int symlink(const char *old, const char *new) { AFTER(REAL(symlink)(old, new), done(new)); }
int fchmod(int file, mode_t mode) { AFTER(REAL(fchmod)(file, mode), done_in(file)); }
int fsync(int file) { AFTER(REAL(fsync)(file), done_in(file)); }
int syncfs(int file) { AFTER(REAL(syncfs)(file), done_in(file)); }
ssize_t write(int file, const void *bytes, size_t count) { AFTER(REAL(write)(file, bytes, count), done_in(file)); }

ssize_t copy_file_range(int from, off_t *at, int to, off_t *offset, size_t count, unsigned flags) {
    AFTER(REAL(copy_file_range)(from, at, to, offset, count, flags), done_in(to));
}
