// THROUGH(i, first, end, step): a loop over first, first + step, … below end, STEPS of them a turn.
// lavapipe ends the loops of an invocation after 65,535 turns in all and says nothing; so for long
// lines STEPS is a macro that its plan defines, and for all others 1.

#ifdef STEPS
#define THROUGH(I, FIRST, END, STEP) \
  for (uint I##Turn = FIRST; I##Turn < (END); I##Turn += (STEP) * STEPS) \
    [[unroll]] for (uint I##Step = 0, I = I##Turn; I##Step < STEPS; ++I##Step, I += STEP) \
      if (I < (END))
#else
#define THROUGH(I, FIRST, END, STEP) for (uint I = FIRST; I < (END); I += STEP)
#endif
