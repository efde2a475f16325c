/*
 * LD_PRELOAD: a disk that fails on order. Calls on files below FAULT_DIR are answered with an error where the file FAULT_PLAN
 * says so. A line of it: CALL ERRNO FROM COUNT, e.g. "fsync 5 2 1": the second fsync from now answers EIO, and no other.
 * A pwrite that fails with ENOSPC writes half of its bytes first, as a disk does that fills up in the middle.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char plan[512];
static int seen[16];

static int below(const char *path) {
  const char *dir = getenv("FAULT_DIR");
  return dir && path && strncmp(path, dir, strlen(dir)) == 0;
}

static int below_fd(int fd) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return below(path);
}

/* The errno that this call is to fail with, or 0. A new plan begins to count anew. */
static int fault(const char *call) {
  int error = 0;
  char now[512] = "";
  const char *file = getenv("FAULT_PLAN");
  int fd = file ? (int)REAL(int, "open64", const char *, int, ...)(file, O_RDONLY) : -1;
  if (fd < 0) return 0;
  ssize_t length = read(fd, now, sizeof now - 1);
  close(fd);
  if (length < 0) return 0;
  pthread_mutex_lock(&lock);
  if (strcmp(now, plan) != 0) {
    strcpy(plan, now);
    memset(seen, 0, sizeof seen);
  }
  char copy[512], *rest = NULL;
  strcpy(copy, plan);
  int index = 0;
  for (char *line = strtok_r(copy, "\n", &rest); line && index < 16; line = strtok_r(NULL, "\n", &rest), index++) {
    char name[32];
    int number, from, count;
    if (sscanf(line, "%31s %d %d %d", name, &number, &from, &count) != 4 || strcmp(name, call) != 0) continue;
    seen[index]++;
    if (seen[index] >= from && seen[index] < from + count) error = number;
  }
  pthread_mutex_unlock(&lock);
  return error;
}

static int failing(const char *call, int is_below) {
  int error = is_below ? fault(call) : 0;
  if (error) errno = error;
  return error;
}

int fsync(int fd) {
  return failing("fsync", below_fd(fd)) ? -1 : REAL(int, "fsync", int)(fd);
}
/* Which of the two is asked is the program's choice: the disk is the same. */
int fdatasync(int fd) {
  return failing("fsync", below_fd(fd)) ? -1 : REAL(int, "fdatasync", int)(fd);
}

int rename(const char *from, const char *to) {
  return failing("rename", below(to)) ? -1 : REAL(int, "rename", const char *, const char *)(from, to);
}

int ftruncate64(int fd, off64_t length) {
  return failing("truncate", below_fd(fd)) ? -1 : REAL(int, "ftruncate64", int, off64_t)(fd, length);
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static ssize_t half_written(int fd, const void *bytes, size_t count, off64_t at) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  int error = failing("pwrite", below_fd(fd));
  if (!error) return real(fd, bytes, count, at);
  if (error == ENOSPC && count > 1) (void)!real(fd, bytes, count / 2, at);
  errno = error;
  return -1;
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return half_written(fd, bytes, count, at); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return half_written(fd, bytes, count, at); }
ssize_t write(int fd, const void *bytes, size_t count) {
  return failing("write", below_fd(fd)) ? -1 : REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
}

static int opened(const char *path, int flags, mode_t mode) {
  if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && failing("open", below(path))) return -1;
  return REAL(int, "open64", const char *, int, ...)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return opened(path, flags, mode);
}
int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return opened(path, flags, mode);
}
