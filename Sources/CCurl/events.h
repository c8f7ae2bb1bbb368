#ifndef SWATHLOG_CCURL_EVENTS_H
#define SWATHLOG_CCURL_EVENTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// The kernel's waiting in libcurl's terms: CURL_POLL_* says what to watch, CURL_CSELECT_* what happened. Swift's Glibc
// module has neither epoll nor eventfd.

struct ccurl_event {
    int socket;
    int happened;
};

// A descriptor to wait at, or -1.
static inline int ccurl_events_open(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

// Watches a socket, known or not; CURL_POLL_NONE keeps it without waiting for anything but its end.
static inline bool ccurl_events_watch(int events, int socket, int what) {
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    // The kernel forgets a socket that is closed, so what was known before tells nothing.
    return epoll_ctl(events, EPOLL_CTL_MOD, socket, &event) == 0 || epoll_ctl(events, EPOLL_CTL_ADD, socket, &event) == 0;
}

static inline void ccurl_events_forget(int events, int socket) {
    struct epoll_event event = {0};
    epoll_ctl(events, EPOLL_CTL_DEL, socket, &event);
}

// Waits for up to 64 events; the number of them, 0 where the time is over or a signal came.
static inline int ccurl_events_wait(int events, struct ccurl_event happened[64], int milliseconds) {
    struct epoll_event raw[64];
    int count = epoll_wait(events, raw, 64, milliseconds);
    for (int index = 0; index < count; index++) {
        uint32_t bits = raw[index].events;
        happened[index].socket = raw[index].data.fd;
        happened[index].happened = (bits & EPOLLIN ? CURL_CSELECT_IN : 0) | (bits & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                   (bits & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    }
    return count < 0 ? 0 : count;
}

// A descriptor that is readable between a signal and the clearing of it, or -1.
static inline int ccurl_wakeup_open(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void ccurl_wakeup_signal(int wakeup) {
    eventfd_write(wakeup, 1);
}

static inline void ccurl_wakeup_clear(int wakeup) {
    eventfd_t count;
    eventfd_read(wakeup, &count);
}

#endif
