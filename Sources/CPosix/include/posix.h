// What the kernel and the C library give to C only: macros, variadic functions and GNU extensions.
// Every function returns 0 or the errno value, so that no caller reads `errno` across a Swift frame.
#ifndef SWATHLOG_POSIX_H
#define SWATHLOG_POSIX_H

#include <dirent.h>
#include <stdint.h>

/// What `lstat` or `fstat` tell of one name.
struct swathlog_stat {
    int64_t size;
    int64_t modified_ns;  // nanoseconds since 1970, UTC
    uint64_t inode;
    uint64_t device;
    uint64_t links;
    uint32_t mode;  // with the file type bits
};

/// Opens a file with O_CLOEXEC and repeats on EINTR; `*descriptor` is -1 when it fails.
int swathlog_open(const char *path, int flags, unsigned mode, int *descriptor);

/// Describes a name without following a symbolic link.
int swathlog_lstat(const char *path, struct swathlog_stat *out);

/// Describes an open file.
int swathlog_fstat(int descriptor, struct swathlog_stat *out);

/// Tells the kernel's magic number of the file system that holds a path; 0 where the system has none.
int swathlog_file_system(const char *path, uint64_t *magic);

/// Makes the destination share the source's blocks (FICLONE).
int swathlog_reflink(int destination, int source);

/// Copies the whole source into the destination, inside the kernel where it can.
int swathlog_copy(int destination, int source);

/// Copies the whole source into the destination, both at their beginning, for the disk alone.
///
/// The bytes are on their way to it on return and, where the kernel can, take no memory once they are there: nobody is
/// going to read them soon.
int swathlog_copy_to_disk(int destination, int source);

/// Writes all of the file system's dirty data and metadata to disk, and reports errors of the write-back.
int swathlog_syncfs(int descriptor);

/// Takes an exclusive flock without waiting; EWOULDBLOCK when another open file has it.
int swathlog_try_lock(int descriptor);

/// Takes a shared flock without waiting; EWOULDBLOCK when another open file has an exclusive one.
int swathlog_try_shared_lock(int descriptor);

/// Gives the flock up for every descriptor of the open file, those of forked children included.
void swathlog_unlock(int descriptor);

/// The name in a directory entry.
const char *swathlog_entry_name(const struct dirent *entry);

/// The type of a directory entry: DT_REG and so on, or DT_UNKNOWN.
unsigned char swathlog_entry_type(const struct dirent *entry);

/// The bytes an unprivileged writer can still add to the file system.
int swathlog_free_bytes(const char *path, uint64_t *bytes);

/// Gives a name to the owner and group of another; does nothing for who is not root.
int swathlog_give(const char *path, const char *other);

/// Removes a file or a directory with its contents, whatever bytes the names have; nothing there is no error.
int swathlog_remove_tree(const char *path);

/// The process's environment, ended by a null pointer; read it before any thread changes it.
char *const *swathlog_environment(void);

/// Bounds how many heaps the C library keeps for threads, unless MALLOC_ARENA_MAX does; call it before there are any.
void swathlog_limit_heaps(int count);

#endif
