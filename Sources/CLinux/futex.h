// Swift cannot call syscall(2), which is variadic.
#pragma once
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

// Sleeps while the 32-bit word has the expected value; may return early.
static inline void swoop_futex_wait(void *word, unsigned expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, (void *)0, (void *)0, 0);
}

// Wakes all who sleep on the word, in one call.
static inline void swoop_futex_wake_all(void *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, (void *)0, (void *)0, 0);
}
