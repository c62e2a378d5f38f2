-------------------------- MODULE SubmissionQueue --------------------------
(* How threads hand work to one queue of a device, and when they may use     *)
(* again what the device used: ComputeQueue, InFlight, Timeline and the      *)
(* pools of command buffers.                                                 *)
(*                                                                           *)
(* A thread takes a slot (a command buffer with its argument block) from the *)
(* pool and records it without a lock. It takes the queue's lock, hands the  *)
(* slot over with the next value of the timeline, writes that down, and lets *)
(* the lock go. It may wait for the value, or leave it. Whoever notices that *)
(* values have passed retires what was in flight, oldest first.              *)
(*                                                                           *)
(* The device starts submissions in order, runs up to two at once and may    *)
(* finish them in any order; values pass in order. It may be lost at any     *)
(* moment, and uses what it has until it comes to rest.                      *)
(*                                                                           *)
(* `Mutant` plants one bug; "none" is the design.                            *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Threads,
  Alike,     \* threads that no other constant tells apart: all of them
  None,
  Rounds,    \* operations of each thread
  Slots,     \* a set of numbers: the slots that can be made
  Depth,     \* submissions in flight before a further one waits
  WaitsEach, \* TRUE: a thread waits after each operation; FALSE: after its last
  Failures,  \* what may go wrong: a subset of {"lost", "refused"}
  Mutant

VARIABLES
  step,      \* what each thread does next
  round,     \* how many operations each thread has begun
  slotOf,    \* the slot that a thread holds
  numberOf,  \* the value of a thread's newest submission; 0 if there is none
  owned,     \* storage that each thread itself still refers to
  hand,      \* what a thread has taken out of `inFlight` and is retiring
  hasWaited, \* whether a thread has waited for its newest value
  lock,      \* who holds the queue's lock
  last,      \* the newest value, as the host has written it down
  inFlight,  \* what is kept until its value has passed, oldest first
  known,     \* the highest value that the host has seen pass
  made,      \* slots that exist
  free,      \* how often each slot lies in the pool: 0 or 1 if all is well
  handed,    \* what the device was given and has not signalled, oldest first
  passed,    \* the value of the timeline: how many it has signalled
  device     \* "well", "lost" or "atRest": lost, and using nothing any more

host == <<step, round, slotOf, numberOf, owned, hand, hasWaited, lock, last,
          inFlight, known, made, free>>
gpu == <<handed, passed, device>>
vars == <<host, gpu>>

\* Threads are alike; used where no liveness is checked.
Symmetry == Permutations(Alike)

\* Storage is named after the operation whose result it is.
Storage == Threads \X (1..Rounds)
Entry == [value: Nat, slot: Slots \cup {None}, storage: SUBSET Storage]
Given == [value: Nat, slot: Slots, storage: SUBSET Storage,
          state: {"queued", "running", "complete"}]
Most == Cardinality(Threads) * Rounds

Steps == {"idle", "recording", "recorded", "locked", "handed", "noted", "throttled",
          "retiring", "givingBack", "waiting", "done", "failed"}

Init ==
  /\ step = [t \in Threads |-> "idle"]
  /\ round = [t \in Threads |-> 0]
  /\ slotOf = [t \in Threads |-> None]
  /\ numberOf = [t \in Threads |-> 0]
  /\ owned = [t \in Threads |-> {}]
  /\ hand = [t \in Threads |-> None]
  /\ hasWaited = [t \in Threads |-> TRUE]
  /\ lock = None
  /\ last = 0
  /\ inFlight = <<>>
  /\ known = 0
  /\ made = {}
  /\ free = [s \in Slots |-> 0]
  /\ handed = <<>>
  /\ passed = 0
  /\ device = "well"

------------------------------------------------------------------------------
\* What threads do.

Go(t, next) == step' = [step EXCEPT ![t] = next]

Begin(t, s) ==
  /\ slotOf' = [slotOf EXCEPT ![t] = s]
  /\ round' = [round EXCEPT ![t] = @ + 1]
  \* The newest result becomes an operand; what lies before it is let go.
  /\ owned' = [owned EXCEPT ![t] =
       {o \in @ : o = <<t, round[t]>>} \cup {<<t, round[t] + 1>>}]
  /\ hasWaited' = [hasWaited EXCEPT ![t] = FALSE]
  /\ Go(t, "recording")

MayRecord(t) ==
  \/ Mutant # "RecordUnderLock"
  \/ \A u \in Threads : step[u] # "recording"

\* A slot out of the pool, under the pool's own lock.
TakeSlot(t, s) ==
  /\ step[t] = "idle" /\ round[t] < Rounds /\ MayRecord(t)
  /\ free[s] > 0 /\ \A other \in Slots : free[other] > 0 => s <= other
  /\ free' = [free EXCEPT ![s] = @ - 1]
  /\ Begin(t, s)
  /\ UNCHANGED <<numberOf, hand, lock, last, inFlight, known, made, gpu>>

\* Only where the pool is empty.
MakeSlot(t, s) ==
  /\ step[t] = "idle" /\ round[t] < Rounds /\ MayRecord(t)
  /\ \A other \in Slots : free[other] = 0
  /\ s \notin made /\ \A other \in Slots \ made : s <= other
  /\ made' = made \cup {s}
  /\ Begin(t, s)
  /\ UNCHANGED <<numberOf, hand, lock, last, inFlight, known, free, gpu>>

\* Writes the argument block, or records the commands. No lock is held.
Record(t) ==
  /\ step[t] = "recording"
  /\ Go(t, "recorded")
  /\ numberOf' = IF Mutant = "NumberBeforeLock"
                 THEN [numberOf EXCEPT ![t] = last + 1] ELSE numberOf
  /\ UNCHANGED <<round, slotOf, owned, hand, hasWaited, lock, last, inFlight, known, made,
                 free, gpu>>

Lock(t) ==
  /\ step[t] = "recorded"
  /\ lock = None \/ Mutant = "NoLock"
  /\ lock' = t
  /\ numberOf' = IF Mutant = "NumberBeforeLock"
                 THEN numberOf ELSE [numberOf EXCEPT ![t] = last + 1]
  /\ Go(t, "locked")
  /\ UNCHANGED <<round, slotOf, owned, hand, hasWaited, last, inFlight, known, made, free, gpu>>

\* Hands the slot to the device. If that says that the device was lost, the device may have it
\* all the same: Vulkan counts this error like success, as far as use is concerned.
Submit(t) ==
  /\ step[t] = "locked"
  /\ handed' = Append(handed,
       [value |-> numberOf[t], slot |-> slotOf[t], storage |-> owned[t], state |-> "queued"])
  /\ Go(t, "handed")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hand, hasWaited, lock, last, inFlight, known,
                 made, free, passed, device>>

\* The driver refuses, for lack of memory: nothing was handed over. The slot is destroyed.
SubmitRefused(t) ==
  /\ "refused" \in Failures
  /\ step[t] = "locked"
  /\ made' = IF Mutant = "LoseRefusedSlot" THEN made ELSE made \ {slotOf[t]}
  /\ slotOf' = [slotOf EXCEPT ![t] = None]
  /\ numberOf' = [numberOf EXCEPT ![t] = 0]
  /\ owned' = [owned EXCEPT ![t] = {}]
  /\ last' = IF Mutant = "CountRefused" THEN last + 1 ELSE last
  /\ hasWaited' = [hasWaited EXCEPT ![t] = TRUE]
  /\ Go(t, "noted")
  /\ UNCHANGED <<round, hand, lock, inFlight, known, free, gpu>>

\* Keeps what the device needs. The owner lets go of the operands, and of its last result at
\* once: nobody has to hold a tensor until the device has made it.
Note(t) ==
  LET dropsLost == Mutant = "DropLostSubmission" /\ device # "well"
      kept == CASE Mutant = "KeepNothing" -> {}
                [] Mutant = "ForgetOperand" -> {<<t, round[t]>>}
                [] OTHER -> owned[t]
      slot == IF Mutant = "GiveBackAtSubmit" THEN None ELSE slotOf[t]
  IN
  /\ step[t] = "handed"
  /\ last' = numberOf[t]
  /\ inFlight' = IF dropsLost THEN inFlight
                 ELSE Append(inFlight, [value |-> numberOf[t], slot |-> slot, storage |-> kept])
  /\ made' = IF dropsLost THEN made \ {slotOf[t]} ELSE made
  /\ free' = IF Mutant = "GiveBackAtSubmit"
             THEN [free EXCEPT ![slotOf[t]] = @ + 1] ELSE free
  /\ slotOf' = [slotOf EXCEPT ![t] = None]
  /\ owned' = [owned EXCEPT ![t] =
       IF dropsLost \/ round[t] = Rounds THEN {} ELSE {<<t, round[t]>>}]
  /\ Go(t, "noted")
  /\ UNCHANGED <<round, numberOf, hand, hasWaited, lock, known, gpu>>

Unlock(t) ==
  /\ step[t] = "noted"
  /\ Mutant = "WaitUnderLock" => numberOf[t] = 0 \/ passed >= numberOf[t] \/ device # "well"
  /\ lock' = None
  /\ Go(t, "throttled")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hand, hasWaited, last, inFlight, known, made,
                 free, gpu>>

Max(a, b) == IF a > b THEN a ELSE b

\* Not too far ahead of the device; then a look at how far that is.
Throttle(t) ==
  /\ step[t] = "throttled"
  /\ \/ numberOf[t] <= passed + Depth
     \/ device # "well"
     \/ Mutant = "NoThrottle"
  /\ known' = Max(known, passed)
  /\ Go(t, "retiring")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hand, hasWaited, lock, last, inFlight, made,
                 free, gpu>>

\* A lost device is retired as a whole, but not before it rests.
MayRetire(entry) ==
  \/ entry.value <= known
  \/ device = "atRest"
  \/ device = "lost" /\ Mutant = "RetireBeforeRest"

IsOldestFinished == IF inFlight = <<>> THEN FALSE ELSE MayRetire(Head(inFlight))

\* Takes the oldest out of `inFlight`, under that one's own lock ...
Retire(t) ==
  /\ step[t] = "retiring"
  /\ IsOldestFinished
  /\ hand' = [hand EXCEPT ![t] = Head(inFlight)]
  /\ inFlight' = IF Mutant = "RetireInTwoSteps" THEN inFlight ELSE Tail(inFlight)
  /\ Go(t, "givingBack")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hasWaited, lock, last, known, made, free, gpu>>

\* ... and lets go of what it held, under no lock.
GiveBack(t) ==
  /\ step[t] = "givingBack"
  /\ free' = IF hand[t].slot = None THEN free ELSE [free EXCEPT ![hand[t].slot] = @ + 1]
  /\ inFlight' = IF Mutant = "RetireInTwoSteps" /\ inFlight # <<>>
                 THEN Tail(inFlight) ELSE inFlight
  /\ hand' = [hand EXCEPT ![t] = None]
  /\ Go(t, "retiring")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hasWaited, lock, last, known, made, gpu>>

EndRetiring(t) ==
  /\ step[t] = "retiring"
  /\ ~IsOldestFinished \/ Mutant = "RetireOne"
  \* Whoever has noticed that the device is lost waits until it rests.
  /\ device = "lost" => inFlight = <<>> \/ ~hasWaited[t]
  /\ Go(t, CASE ~hasWaited[t] /\ (WaitsEach \/ round[t] = Rounds) -> "waiting"
             [] hasWaited[t] /\ device # "well" -> "failed"
             [] round[t] = Rounds -> "done"
             [] OTHER -> "idle")
  /\ UNCHANGED <<round, slotOf, numberOf, owned, hand, hasWaited, lock, last, inFlight, known,
                 made, free, gpu>>

\* Ends when the value has passed or the device is lost.
Wait(t) ==
  LET value == IF Mutant = "WaitTooFar" THEN numberOf[t] + 1 ELSE numberOf[t] IN
  /\ step[t] = "waiting"
  /\ passed >= value \/ device # "well"
  /\ known' = Max(known, passed)
  /\ hasWaited' = [hasWaited EXCEPT ![t] = TRUE]
  /\ numberOf' = [numberOf EXCEPT ![t] = 0]
  /\ Go(t, "retiring")
  /\ UNCHANGED <<round, slotOf, owned, hand, lock, last, inFlight, made, free, gpu>>

------------------------------------------------------------------------------
\* What the device does.

Running == {i \in 1..Len(handed) : handed[i].state = "running"}

\* In order, up to two at once.
Start(i) ==
  /\ device # "atRest"
  /\ handed[i].state = "queued" /\ \A j \in 1..(i - 1) : handed[j].state # "queued"
  /\ Cardinality(Running) < 2
  /\ handed' = [handed EXCEPT ![i].state = "running"]
  /\ UNCHANGED <<host, passed, device>>

\* In any order.
Complete(i) ==
  /\ device # "atRest"
  /\ handed[i].state = "running"
  /\ handed' = [handed EXCEPT ![i].state = "complete"]
  /\ UNCHANGED <<host, passed, device>>

\* The signal of a submission comes after all that was submitted before it.
Pass ==
  /\ device = "well"
  /\ handed # <<>> /\ handed[1].state = "complete"
  /\ handed' = Tail(handed)
  /\ passed' = passed + 1
  /\ UNCHANGED <<host, device>>

Lose ==
  /\ "lost" \in Failures
  /\ device = "well"
  /\ device' = "lost"
  /\ UNCHANGED <<host, handed, passed>>

Rest ==
  /\ device = "lost"
  /\ device' = "atRest"
  /\ UNCHANGED <<host, handed, passed>>

------------------------------------------------------------------------------

HasEnded == \A t \in Threads : step[t] \in {"done", "failed"}

\* Rests at the end, so that every other state without a successor is a deadlock.
Ended == HasEnded /\ UNCHANGED vars

ThreadStep(t) ==
  \/ \E s \in Slots : TakeSlot(t, s) \/ MakeSlot(t, s)
  \/ Record(t) \/ Lock(t) \/ Submit(t) \/ SubmitRefused(t) \/ Note(t) \/ Unlock(t)
  \/ Throttle(t) \/ Retire(t) \/ GiveBack(t) \/ EndRetiring(t) \/ Wait(t)

DeviceStep == (\E i \in 1..Len(handed) : Start(i) \/ Complete(i)) \/ Pass \/ Rest

Next == (\E t \in Threads : ThreadStep(t)) \/ DeviceStep \/ Lose \/ Ended

Spec == Init /\ [][Next]_vars

\* Threads go on, and so does the device.
FairSpec == Spec /\ (\A t \in Threads : WF_vars(ThreadStep(t))) /\ WF_vars(DeviceStep)

------------------------------------------------------------------------------
\* What must hold.

Entries == Entry \cup {None}

TypeOK ==
  /\ step \in [Threads -> Steps]
  /\ round \in [Threads -> 0..Rounds]
  /\ slotOf \in [Threads -> Slots \cup {None}]
  /\ numberOf \in [Threads -> 0..Most]
  /\ owned \in [Threads -> SUBSET Storage]
  /\ hand \in [Threads -> Entries]
  /\ hasWaited \in [Threads -> BOOLEAN]
  /\ lock \in Threads \cup {None}
  /\ last \in 0..Most
  /\ inFlight \in Seq(Entry)
  /\ known \in 0..Most /\ known <= passed
  /\ made \subseteq Slots
  /\ free \in [Slots -> 0..2]
  /\ handed \in Seq(Given)
  /\ passed \in 0..Most
  /\ device \in {"well", "lost", "atRest"}

\* One thread at a time between Lock and Unlock, and it is the lock's holder.
MutualExclusion ==
  \A t \in Threads : step[t] \in {"locked", "handed", "noted"} => lock = t

\* What the device gets carries the values 1, 2, 3, ... in this order.
ValuesInOrder == \A i \in 1..Len(handed) : handed[i].value = passed + i

\* What the device may still use: the host may rely on nothing but the timeline.
InUse == IF device = "atRest" THEN {} ELSE {handed[i] : i \in 1..Len(handed)}

\* A slot that the device may use is neither in the pool, nor recorded, nor destroyed.
SlotsKept ==
  \A entry \in InUse :
    /\ entry.slot \in made
    /\ free[entry.slot] = 0
    /\ \A t \in Threads :
         step[t] \in {"recording", "recorded", "locked"} => slotOf[t] # entry.slot

\* Every slot that exists is in exactly one place.
EverySlotOnce ==
  \A s \in Slots :
    free[s]
      + Cardinality({t \in Threads : slotOf[t] = s})
      + Cardinality({i \in 1..Len(inFlight) : inFlight[i].slot = s})
      + Cardinality({t \in Threads : hand[t] # None /\ hand[t].slot = s})
    = IF s \in made THEN 1 ELSE 0

Live ==
  UNION {owned[t] : t \in Threads}
    \cup UNION {inFlight[i].storage : i \in 1..Len(inFlight)}
    \cup UNION {hand[t].storage : t \in {u \in Threads : hand[u] # None}}

\* Storage lives until the last submission that uses it has passed.
StorageKept == \A entry \in InUse : entry.storage \subseteq Live

\* The host runs ahead of the device by no more than the depth and one for each thread.
InFlightBounded == device = "well" => last <= passed + Depth + Cardinality(Threads)

\* At the end, what is known to have passed has been retired. (What nobody waited for stays
\* in flight until somebody submits or waits again, or the queue is closed.)
AllRetired ==
  HasEnded /\ device = "well" =>
    /\ \A i \in 1..Len(inFlight) : inFlight[i].value > known
    /\ \A t \in Threads : hand[t] = None

\* Liveness: every thread comes to its end; unless something fails, with every wait successful.
EveryThreadEnds ==
  <>(\A t \in Threads : step[t] \in (IF Failures = {} THEN {"done"} ELSE {"done", "failed"}))

------------------------------------------------------------------------------
\* Witnesses: these must be VIOLATED. The trace shows that the design permits what they deny.

NeverTwoRun == Cardinality(Running) < 2
NeverRecordTogether == Cardinality({t \in Threads : step[t] = "recording"}) < 2
\* While one thread is inside the lock, another records and a third waits for the device.
NeverAllAtOnce ==
  ~(\E t, u, w \in Threads :
      /\ step[t] = "handed" /\ step[u] = "recording" /\ step[w] = "waiting"
      /\ numberOf[w] > passed)
=============================================================================
