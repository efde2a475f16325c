/* LD_PRELOAD: notes beside every .aof file the size it had when it was synced, so that a power cut can be played. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(int fd, long long size) {
  char link[64], path[512], beside[600], text[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  if (!strstr(path, ".aof")) return;
  snprintf(beside, sizeof beside, "%s.synced", path);
  int out = open(beside, O_WRONLY | O_CREAT, 0644);
  if (out < 0) return;
  int digits = snprintf(text, sizeof text, "%020lld", size);
  if (pwrite(out, text, digits, 0) != digits) unlink(beside);
  close(out);
}

/* The size before the sync: what is appended meanwhile is not promised. */
static int synced(int fd, const char *name) {
  struct stat before;
  int known = fstat(fd, &before) == 0;
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = real(fd);
  if (known && result == 0) note(fd, (long long)before.st_size);
  return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
