#define _GNU_SOURCE
#include "posix.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#endif

extern char **environ;

int swathlog_open(const char *path, int flags, unsigned mode, int *descriptor) {
    do {
        *descriptor = open(path, flags | O_CLOEXEC, (mode_t)mode);
    } while (*descriptor < 0 && errno == EINTR);
    return *descriptor < 0 ? errno : 0;
}

static void fill(const struct stat *from, struct swathlog_stat *out) {
    out->size = (int64_t)from->st_size;
#ifdef __APPLE__
    out->modified_ns = (int64_t)from->st_mtimespec.tv_sec * 1000000000 + from->st_mtimespec.tv_nsec;
#else
    out->modified_ns = (int64_t)from->st_mtim.tv_sec * 1000000000 + from->st_mtim.tv_nsec;
#endif
    out->inode = (uint64_t)from->st_ino;
    out->device = (uint64_t)from->st_dev;
    out->links = (uint64_t)from->st_nlink;
    out->mode = (uint32_t)from->st_mode;
}

int swathlog_lstat(const char *path, struct swathlog_stat *out) {
    struct stat found;
    if (lstat(path, &found) != 0) return errno;
    fill(&found, out);
    return 0;
}

int swathlog_fstat(int descriptor, struct swathlog_stat *out) {
    struct stat found;
    if (fstat(descriptor, &found) != 0) return errno;
    fill(&found, out);
    return 0;
}

int swathlog_file_system(const char *path, uint64_t *magic) {
    *magic = 0;
#ifdef __linux__
    struct statfs found;
    while (statfs(path, &found) != 0) {
        if (errno != EINTR) return errno;
    }
    // Some architectures have it signed and of 32 bits.
    *magic = (uint32_t)found.f_type;
#else
    (void)path;
#endif
    return 0;
}

int swathlog_reflink(int destination, int source) {
#ifdef FICLONE
    return ioctl(destination, FICLONE, source) == 0 ? 0 : errno;
#else
    (void)destination;
    (void)source;
    return EOPNOTSUPP;
#endif
}

// Flags of pwritev2(2): the kernel begins to write the bytes to disk at once, and forgets them when they are there. Linux
// has it from 6.14 on, C libraries later.
#if defined __linux__ && !defined RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif

static ssize_t write_some(int descriptor, const char *bytes, size_t count, int flags) {
#ifdef __linux__
    if (flags != 0) return pwritev2(descriptor, &(struct iovec){(void *)bytes, count}, 1, -1, flags);
#else
    (void)flags;
#endif
    return write(descriptor, bytes, count);
}

// The plain loop: for file systems that refuse copy_file_range. It goes on where both files stand.
static int copy_through_memory(int destination, int source, int flags) {
    char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(source, buffer, sizeof buffer);
        if (got == 0) return 0;
        if (got < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        for (ssize_t done = 0; done < got;) {
            ssize_t wrote = write_some(destination, buffer + done, (size_t)(got - done), flags);
            if (wrote < 0) {
                if (errno == EINTR) continue;
                return errno;
            }
            done += wrote;
        }
    }
}

int swathlog_copy(int destination, int source) {
#ifdef __linux__
    for (;;) {
        ssize_t got = copy_file_range(source, NULL, destination, NULL, 1 << 30, 0);
        if (got > 0) continue;
        // Some file systems answer 0 at once instead of refusing, so the end is left to the plain loop to see.
        if (got == 0) break;
        if (errno == EINTR) continue;
        if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM) break;
        return errno;
    }
#endif
    return copy_through_memory(destination, source, 0);
}

int swathlog_copy_to_disk(int destination, int source) {
#ifdef __linux__
    int failure = copy_through_memory(destination, source, RWF_DONTCACHE);
    if (failure != EOPNOTSUPP && failure != ENOSYS) return failure;
    // It is the first write that is refused.
    if (lseek(source, 0, SEEK_SET) != 0) return errno;
    failure = swathlog_copy(destination, source);
    if (failure == 0) (void)sync_file_range(destination, 0, 0, SYNC_FILE_RANGE_WRITE);
    return failure;
#else
    return swathlog_copy(destination, source);
#endif
}

int swathlog_syncfs(int descriptor) {
#ifdef __linux__
    return syncfs(descriptor) == 0 ? 0 : errno;
#else
    (void)descriptor;
    sync();
    return 0;
#endif
}

static int try_lock(int descriptor, int kind) {
    while (flock(descriptor, kind | LOCK_NB) != 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

int swathlog_try_lock(int descriptor) { return try_lock(descriptor, LOCK_EX); }

int swathlog_try_shared_lock(int descriptor) { return try_lock(descriptor, LOCK_SH); }

void swathlog_unlock(int descriptor) { (void)flock(descriptor, LOCK_UN); }

const char *swathlog_entry_name(const struct dirent *entry) { return entry->d_name; }

unsigned char swathlog_entry_type(const struct dirent *entry) { return entry->d_type; }

int swathlog_free_bytes(const char *path, uint64_t *bytes) {
    struct statvfs found;
    if (statvfs(path, &found) != 0) return errno;
    *bytes = (uint64_t)found.f_bavail * (uint64_t)found.f_frsize;
    return 0;
}

int swathlog_give(const char *path, const char *other) {
    struct stat owner;
    if (geteuid() != 0) return 0;
    if (stat(other, &owner) != 0) return errno;
    return lchown(path, owner.st_uid, owner.st_gid) == 0 ? 0 : errno;
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *at) {
    (void)found;
    (void)type;
    (void)at;
    return remove(path) == 0 || errno == ENOENT ? 0 : errno;
}

int swathlog_remove_tree(const char *path) {
    // Depth first and physical: contents before their directory, links themselves and not what they name.
    int result = nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS);
    if (result >= 0) return result;
    return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
}

char *const *swathlog_environment(void) { return environ; }

void swathlog_limit_heaps(int count) {
#ifdef __GLIBC__
    if (getenv("MALLOC_ARENA_MAX") == NULL) mallopt(M_ARENA_MAX, count);
#else
    (void)count;
#endif
}
