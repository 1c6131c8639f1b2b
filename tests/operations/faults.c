/* Loaded before the C library into a bot that is tested: moves its clock, and makes its disk fail. What it does is read
   at every call from the file that FAULTS_FILE names, which the test writes: struct orders. Only files whose path holds
   FAULTS_PATH fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct orders { long long shift_seconds; int write_error; };

static const volatile struct orders *orders(void) {
    static const volatile struct orders *found;
    static const struct orders none;
    if (!found) {
        const char *path = getenv("FAULTS_FILE");
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
        int fd = path ? real(path, O_RDONLY) : -1;
        void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
        found = map == MAP_FAILED ? &none : map;
        if (fd >= 0) close(fd);
    }
    return found;
}

static int refused(const char *path) {
    const char *part = getenv("FAULTS_PATH");
    if (orders()->write_error && part && strstr(path, part)) { errno = orders()->write_error; return 1; }
    return 0;
}

static int fd_refused(int fd) {
    char link[64], path[1024];
    ssize_t length;
    if (!orders()->write_error) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return refused(path);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += orders()->shift_seconds;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*real)(struct timeval *, void *);
    if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
    int result = real(now, zone);
    now->tv_sec += orders()->shift_seconds;
    return result;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define OPENS(name)                                                                   \
    int name(const char *path, int flags, ...) {                                      \
        static int (*real)(const char *, int, ...);                                   \
        va_list more; mode_t mode;                                                    \
        va_start(more, flags); mode = (mode_t)va_arg(more, int); va_end(more);        \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                    \
        if (flags & WRITES && refused(path)) return -1;                               \
        return real(path, flags, mode);                                               \
    }
OPENS(open)
OPENS(open64)

#define TAKES(type, name, arguments, given)                                           \
    type name arguments {                                                             \
        static type (*real) arguments;                                                \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                    \
        if (fd_refused(fd)) return -1;                                                \
        return real given;                                                            \
    }
TAKES(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
TAKES(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
TAKES(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
TAKES(int, ftruncate, (int fd, off_t size), (fd, size))
TAKES(int, ftruncate64, (int fd, off64_t size), (fd, size))
