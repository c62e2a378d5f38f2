----------------------------- MODULE Coalescer -----------------------------
(* Who looks at the queue of the coalesced path, and when: callers, the      *)
(* driver thread, and whoever closes the queue                               *)
(* (Sources/SwoopCore/CoalescingQueue+Waiting.swift). The steps of the queue *)
(* itself are CoalescingQueue's.                                             *)
(*                                                                           *)
(* A caller looks when its call has entered, if there are many. If it waits  *)
(* for the call and is likely alone, it looks again, in its own thread, and  *)
(* waits for its own submission. Otherwise it makes sure that the driver     *)
(* thread runs and is awake, and sleeps. The driver thread looks as long as  *)
(* anybody counts as waiting: it waits for the oldest batch in flight, and   *)
(* looks. If nobody waits it sleeps until a signal is raised.                *)
EXTENDS CoalescingQueue

CONSTANTS
  Driver, Closer,
  Patient,       \* callers that are suspended when the queue is full; others get an error
  Eager,         \* callers that may find that there are many, and look when they enter
  Futures,       \* callers that never wait
  Early,         \* callers that may think that they are alone, and lead
  Polls,         \* callers that may look of their own accord, to have the call submitted
  Threads,       \* callers that sleep as threads do, until the batch is announced; others are tasks
  Forever,       \* calls that are over are made again; for liveness
  Watched        \* callers that liveness is checked for

VARIABLES
  at,            \* where each caller is
  driverRuns,    \* there is a driver thread, or there will be
  driver,        \* where it is
  ending,        \* how many threads have said that they are not the driver thread any more, ...
  returning,     \* ... and have seen since that somebody waits
  watches,       \* the batch whose submission it, or whoever closes, waits for
  isIdle,        \* the driver thread is asleep, or about to sleep
  isRaised,      \* its signal
  closer         \* where whoever closes is

driverVars == <<driverRuns, driver, ending, returning, watches, isIdle, isRaised>>
vars == <<queueVars, at, driverVars, closer>>

Init ==
  /\ QueueInit
  /\ limit = [queue |-> Capacity, batch |-> MaximumBatch, delays |-> Delays]
  /\ at = [c \in Calls |-> "away"]
  /\ driverRuns = FALSE /\ driver = "off" /\ ending = 0 /\ returning = 0
  /\ watches = [a \in {Driver, Closer} |-> None]
  /\ isIdle = FALSE /\ isRaised = FALSE
  /\ closer = "off"

\* Where callers count as waiting.
Waits == {
  "full", "driving, in line", "nudging, in line", "in line",
  "alone", "alone, pumping", "driving", "nudging", "asleep", "watching, counted",
  "finished, counted", "finished, counted, pumping"}
Waiting == {c \in Calls : at[c] \in Waits}

Go(c, where) == at' = [at EXCEPT ![c] = where]

\* Wakes the driver thread if it sleeps though somebody waits.
Nudge == isRaised' = (isRaised \/ (isIdle /\ Waiting # {} /\ Mutant # "NoNudge"))

HasPassed(b) == IF b = None THEN TRUE ELSE IsFinished(b)

Looks(a, occasion) == Take(a, occasion) \/ LookAway(a, occasion)

------------------------------------------------------------------------------
\* Callers

\* `enter`; then looks if there are many.
Arrive(c) ==
  /\ at[c] = "away"
  /\ \/ Enter(c) /\ (Go(c, "entered") \/ Go(c, "holding"))
     \/ Refuse(c) /\ Go(c, IF c \in Patient THEN "full" ELSE "over")
     \/ TurnAway(c) /\ Go(c, "over")
  /\ UNCHANGED <<driverVars, closer>>

\* `enterWhenThereIsRoom`, from where it counts as waiting.
GetInLine(c) ==
  /\ at[c] = "full"
  /\ \/ Enter(c) /\ Go(c, "holding")
     \/ Suspend(c) /\ Go(c, "driving, in line")
     \/ TurnAway(c) /\ Go(c, "over")
  /\ UNCHANGED <<driverVars, closer>>

LeaveLine(c) ==
  /\ at[c] = "in line" /\ call[c].state # "suspended"
  /\ Go(c, IF call[c].state = "entered" THEN "holding" ELSE "over")
  /\ UNCHANGED <<queueVars, driverVars, closer>>

\* `drive`: starts the driver thread, or nudges it.
Drive(c) ==
  /\ at[c] \in {"driving", "driving, in line"}
  /\ LET isLine == at[c] = "driving, in line" IN
     IF driverRuns
     THEN /\ Go(c, IF isLine THEN "nudging, in line" ELSE "nudging")
          /\ UNCHANGED <<driverRuns, driver>>
     ELSE /\ Go(c, IF isLine THEN "in line" ELSE "asleep")
          /\ driverRuns' = TRUE /\ driver' = "looking"
  /\ UNCHANGED <<queueVars, ending, returning, watches, isIdle, isRaised, closer>>

NudgeToo(c) ==
  /\ at[c] \in {"nudging", "nudging, in line"}
  /\ Nudge
  /\ Go(c, IF at[c] = "nudging" THEN "asleep" ELSE "in line")
  /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, watches, isIdle, closer>>

\* The first look of `pump`.
LookFor(c) ==
  /\ CASE at[c] = "entered" -> Looks(c, "ifMany") /\ Go(c, "entered, pumping")
       [] at[c] = "alone" -> Looks(c, "awaited") /\ Go(c, "alone, pumping")
       [] at[c] = "polling" -> Looks(c, "awaited") /\ Go(c, "polling, pumping")
       [] at[c] = "finished" -> Looks(c, "ifMany") /\ Go(c, "finished, pumping")
       [] at[c] = "finished, counted" ->
            Looks(c, "ifMany") /\ Go(c, "finished, counted, pumping")
       [] OTHER -> FALSE
  /\ UNCHANGED <<driverVars, closer>>

IsSubmitted(c) == batch[call[c].batch].phase # "queued"

\* The last step of `pump`, and where it was called from.
Pumped(c) ==
  /\ at[c] \in {"entered, pumping", "alone, pumping", "polling, pumping", "finished, pumping",
                "finished, counted, pumping"}
  /\ pump[c].step = "idle"
  /\ Nudge
  /\ Go(c, CASE at[c] \in {"entered, pumping", "polling, pumping"} -> "holding"
             [] at[c] = "alone, pumping" ->
                  IF IsSubmitted(c) THEN "watching, counted" ELSE "driving"
             [] OTHER -> "over")
  /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, watches, isIdle, closer>>

\* `answered`, `block`, or `blockUntilSubmitted`. No caller has to.
Wait(c) ==
  /\ at[c] = "holding" /\ c \notin Futures
  /\ \/ IsSubmitted(c) /\ Go(c, "watching")
     \/ ~IsSubmitted(c) /\ Go(c, "driving")
     \/ ~IsSubmitted(c) /\ c \in Early /\ Go(c, "alone")
     \/ ~IsSubmitted(c) /\ c \in Polls /\ Go(c, "polling")
  /\ UNCHANGED <<queueVars, driverVars, closer>>

\* Its own submission has finished. It looks, since nobody else might.
SeeFinished(c) ==
  /\ at[c] \in {"watching", "watching, counted"}
  /\ IsFinished(call[c].batch)
  /\ Go(c, CASE batch[call[c].batch].phase = "answered" -> "over"
             [] at[c] = "watching" -> "finished"
             [] OTHER -> "finished, counted")
  /\ UNCHANGED <<queueVars, driverVars, closer>>

WakeUp(c) ==
  /\ at[c] = "asleep"
  /\ IF c \in Threads THEN batch[call[c].batch].phase = "answered" ELSE call[c].word # "open"
  /\ Go(c, "over")
  /\ UNCHANGED <<queueVars, driverVars, closer>>

\* For liveness: a call that is over, and that nothing refers to, is made again.
Again(c) ==
  LET b == call[c].batch
      isLast == b # None /\ \A other \in Calls : other # c => call[other].batch # b
  IN
  /\ Forever
  /\ at[c] = "over" \/ (c \in Futures /\ at[c] = "holding" /\ call[c].word # "open")
  /\ \A a \in {Driver, Closer} : watches[a] = None \/ watches[a] # b
  /\ b # None =>
       /\ b \notin Range(forming) \cup Range(inFlight) /\ \A a \in Agents : b \notin Held(a)
       /\ c \in Reads => call[c].read # None
  /\ call' = [call EXCEPT ![c] = NewCall]
  /\ batch' = IF isLast THEN [batch EXCEPT ![b] = NoBatch] ELSE batch
  /\ Go(c, "away")
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, pump, torn, driverVars, closer>>

------------------------------------------------------------------------------
\* The driver thread: `runDriver`. Its naps are left out: a nap ends by itself.

DriverStep ==
  /\ CASE driver = "looking" ->
            /\ driver' = IF Waiting # {} THEN "first" ELSE "mayEnd"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isIdle, isRaised>>
       [] driver = "mayEnd" ->
            /\ driver' = IF closed THEN "off" ELSE "settling"
            /\ driverRuns' = ~closed
            /\ ending' = ending + (IF closed THEN 1 ELSE 0)
            /\ UNCHANGED <<queueVars, watches, isIdle, isRaised>>
       [] driver = "settling" ->
            /\ isIdle' = TRUE /\ driver' = "idle"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isRaised>>
       [] driver = "idle" ->
            /\ driver' = IF Waiting = {} \/ Mutant = "SleepUnseen" THEN "asleep" ELSE "awake"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isIdle, isRaised>>
       [] driver = "asleep" ->
            /\ isRaised /\ isRaised' = FALSE /\ driver' = "awake"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isIdle>>
       [] driver = "awake" ->
            /\ isIdle' = FALSE /\ driver' = "looking"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isRaised>>
       [] driver = "first" ->
            /\ watches' = [watches EXCEPT ![Driver] =
                 IF inFlight = <<>> THEN None ELSE Head(inFlight)]
            /\ driver' = "watching"
            /\ UNCHANGED <<queueVars, driverRuns, isIdle, isRaised>>
       [] driver = "watching" ->
            /\ HasPassed(watches[Driver])
            /\ Looks(Driver, "driving")
            /\ watches' = [watches EXCEPT ![Driver] = None]
            /\ driver' = "pumping"
            /\ UNCHANGED <<driverRuns, isIdle, isRaised>>
       [] driver = "pumping" ->
            /\ pump[Driver].step = "idle"
            /\ driver' = "looking"
            /\ UNCHANGED <<queueVars, driverRuns, watches, isIdle, isRaised>>
       [] OTHER -> FALSE
  /\ driver # "mayEnd" => UNCHANGED ending
  /\ UNCHANGED <<at, returning, closer>>

\* The driver thread has said that it ends, and looks again whether anybody waits, who may have
\* relied on it. If so, and if nobody has started another, it goes on.
EndingStep ==
  /\ \/ /\ ending > 0
        /\ ending' = ending - 1
        /\ returning' = returning + (IF Waiting = {} \/ Mutant = "EndUnseen" THEN 0 ELSE 1)
        /\ UNCHANGED <<driverRuns, driver>>
     \/ /\ returning > 0
        /\ returning' = returning - 1
        /\ driverRuns' = TRUE
        /\ driver' = IF driverRuns THEN driver ELSE "settling"
        /\ UNCHANGED ending
  /\ UNCHANGED <<queueVars, at, watches, isIdle, isRaised, closer>>


------------------------------------------------------------------------------
\* `close` and `abandon`

CloserBegins ==
  /\ closer = "off"
  /\ \/ EndsBy = "Close" /\ Close
     \/ EndsBy = "Abandon" /\ Abandon
  /\ closer' = "looking"
  /\ UNCHANGED <<at, driverVars>>

IsDone == IF EndsBy = "Close" THEN IsDrained ELSE queued = 0

CloserStep ==
  /\ CASE closer = "looking" ->
            /\ Looks(Closer, "awaited") /\ closer' = "pumping"
            /\ UNCHANGED driverVars
       [] closer = "pumping" ->
            /\ pump[Closer].step = "idle"
            /\ Nudge
            /\ closer' = "checking"
            /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, watches, isIdle>>
       [] closer = "checking" ->
            /\ closer' = IF IsDone THEN "raising" ELSE "watching"
            /\ watches' = [watches EXCEPT ![Closer] =
                 IF IsDone \/ inFlight = <<>> THEN None ELSE Head(inFlight)]
            /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, isIdle, isRaised>>
       [] closer = "watching" ->
            /\ HasPassed(watches[Closer])
            /\ watches' = [watches EXCEPT ![Closer] = None]
            /\ closer' = "looking"
            /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, isIdle, isRaised>>
       [] closer = "raising" ->
            /\ isRaised' = TRUE /\ closer' = "over"
            /\ UNCHANGED <<queueVars, driverRuns, driver, ending, returning, watches, isIdle>>
       [] OTHER -> FALSE
  /\ UNCHANGED at

------------------------------------------------------------------------------

PumpStep(a) == Pumping(a) /\ UNCHANGED <<at, driverVars, closer>>

\* What a caller does because it must go on.
CallerStep(c) ==
  \/ GetInLine(c) \/ LeaveLine(c) \/ Drive(c) \/ NudgeToo(c) \/ LookFor(c) \/ Pumped(c)
  \/ SeeFinished(c) \/ WakeUp(c) \/ PumpStep(c)

DeviceStep == (\E b \in Batches : Finish(b)) /\ UNCHANGED <<at, driverVars, closer>>

\* What nothing forces anybody to do.
FreeStep ==
  \/ \E c \in Calls : Arrive(c) \/ Wait(c) \/ Again(c)
  \/ (\E c \in Cancels : Cancel(c) \/ Tear(c)) /\ UNCHANGED <<at, driverVars, closer>>
  \/ (\E c \in Reads : Read(c)) /\ UNCHANGED <<at, driverVars, closer>>
  \/ CloserBegins

\* Rests at the end, so that every other state without a successor is a deadlock.
Ended ==
  /\ \A c \in Calls : at[c] = "over" \/ (at[c] = "holding" /\ c \in Futures)
  /\ driver \in {"off", "asleep"} /\ ending + returning = 0 /\ closer \in {"off", "over"}
  /\ UNCHANGED vars

Next ==
  \/ FreeStep \/ DeviceStep
  \/ \E c \in Calls : CallerStep(c)
  \/ DriverStep \/ EndingStep \/ PumpStep(Driver)
  \/ CloserStep \/ PumpStep(Closer)
  \/ Ended

Spec == Init /\ [][Next]_vars

\* Callers go on with what they have begun, and so do the others, and the device. Callers need
\* not call, wait, read, cancel or close.
FairSpec ==
  /\ Spec
  /\ \A c \in Calls : WF_vars(CallerStep(c))
  /\ WF_vars(DriverStep \/ PumpStep(Driver)) /\ WF_vars(EndingStep)
  /\ WF_vars(CloserStep \/ PumpStep(Closer))
  /\ WF_vars(DeviceStep)

------------------------------------------------------------------------------
\* What must hold, besides what CoalescingQueue says.

TypeOK ==
  /\ QueueTypeOK
  /\ driver # "off" <=> driverRuns
  /\ isIdle => driver \in {"idle", "asleep", "awake"}

\* When closing has returned, nothing is left, and nothing comes any more.
ShutdownDrains ==
  closer = "over" /\ EndsBy = "Close" =>
    /\ queued = 0 /\ inFlight = <<>> /\ suspended = <<>> /\ ~submitting
    /\ \A c \in Calls : call[c].state = "entered" => call[c].word # "open"

\* Nobody sleeps while the driver thread does, or is gone, unless somebody is about to wake it.
SomebodyDrives ==
  (\E c \in Calls : at[c] \in {"asleep", "in line"} /\ call[c].word = "open"
                      /\ (call[c].state = "suspended"
                            \/ (call[c].state = "entered" /\ ~IsSubmitted(c))))
    => /\ driverRuns \/ ending + returning > 0
       /\ driver = "asleep" => isRaised

\* Liveness: every wait ends, also in line, whatever the others do, ...
Ease == {"away", "holding", "over"}
EveryWaitEnds == \A c \in Watched : at[c] \notin Ease ~> at[c] \in Ease
\* ... and closing comes to an end.
ShutdownEnds == closer # "off" ~> closer = "over"

------------------------------------------------------------------------------
\* Witnesses: these must be VIOLATED. The trace shows that the design permits what they deny.

NeverAlone == \A c \in Calls : at[c] # "alone, pumping" \/ pump[c].taken = None
=============================================================================
