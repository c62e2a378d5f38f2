---------------------------- MODULE SampleSlots ----------------------------
(* How callers put their samples into the memory of a batch themselves, when *)
(* the leader may submit it, and when the memory may serve again:            *)
(* SampleSlots.swift, and Residence, which counts what lies in memory.       *)
(*                                                                           *)
(* A caller is given the next slot under the queue's lock. Then it copies    *)
(* its sample there without the lock, says that there is one more, and keeps *)
(* the sample where it is for as long as it likes. The leader takes the      *)
(* batch, waits until as many have been filled as are somebody's, and        *)
(* submits. The device reads.                                                *)
(*                                                                           *)
(* Memory is held for all of its slots at once, by whoever has the batch;    *)
(* what nobody was given is let go when the batch has been submitted, each   *)
(* of the others by who drops its sample. `Mutant` plants one bug.           *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Callers,
  Alike,    \* callers that no other constant tells apart: all of them
  None,
  Slabs,    \* pieces of memory
  Capacity, \* slots of each
  Mutant

VARIABLES
  step,     \* callers: "new", "looked" (a mutant's), "claimed", "copied", "kept" or "dropped"
  slab,     \* the memory where a caller's sample goes
  slot,     \* and its slot there
  got,      \* the sample that the device has read for a caller; 0 before
  forming,  \* the memory of the batch that forms
  taken,    \* slots that are somebody's
  filled,   \* and how many of them have been filled
  held,     \* how often memory is held
  content,  \* whose sample lies in a slot
  leading,  \* the memory of the batch that a leader has taken
  inFlight  \* that of batches which the device has

vars == <<step, slab, slot, got, forming, taken, filled, held, content, leading, inFlight>>
Symmetry == Permutations(Alike)
Slots == 1..Capacity

Init ==
  /\ step = [c \in Callers |-> "new"]
  /\ slab = [c \in Callers |-> None]
  /\ slot = [c \in Callers |-> 0]
  /\ got = [c \in Callers |-> 0]
  /\ forming = None
  /\ taken = [s \in Slabs |-> 0]
  /\ filled = [s \in Slabs |-> 0]
  /\ held = [s \in Slabs |-> 0]
  /\ content = [s \in Slabs |-> [i \in Slots |-> None]]
  /\ leading = None
  /\ inFlight = <<>>

Uses(s) ==
  \/ s = forming \/ s = leading
  \/ Mutant # "FreeAtSubmit" /\ \E i \in DOMAIN inFlight : inFlight[i] = s
IsFree(s) == held[s] = 0 /\ ~Uses(s)

------------------------------------------------------------------------------
\* Under the lock: the first call of a batch finds memory for it.
Form(s) ==
  /\ forming = None /\ IsFree(s)
  /\ \E c \in Callers : step[c] = "new"
  /\ forming' = s
  /\ held' = [held EXCEPT ![s] = IF Mutant = "HoldNothing" THEN 0 ELSE Capacity]
  /\ taken' = [taken EXCEPT ![s] = 0]
  /\ filled' = [filled EXCEPT ![s] = 0]
  /\ UNCHANGED <<step, slab, slot, got, content, leading, inFlight>>

\* A mutant looks for the next slot before it has the lock.
Look(c) ==
  /\ Mutant = "LookWithoutLock"
  /\ step[c] = "new" /\ forming # None /\ taken[forming] < Capacity
  /\ slot' = [slot EXCEPT ![c] = taken[forming] + 1]
  /\ step' = [step EXCEPT ![c] = "looked"]
  /\ UNCHANGED <<slab, got, forming, taken, filled, held, content, leading, inFlight>>

\* Under the lock.
Claim(c) ==
  /\ step[c] = IF Mutant = "LookWithoutLock" THEN "looked" ELSE "new"
  /\ forming # None /\ taken[forming] < Capacity
  /\ slab' = [slab EXCEPT ![c] = forming]
  /\ slot' = IF Mutant = "LookWithoutLock" THEN slot ELSE [slot EXCEPT ![c] = taken[forming] + 1]
  /\ taken' = [taken EXCEPT ![forming] = @ + 1]
  /\ filled' = IF Mutant = "CountBeforeCopying" THEN [filled EXCEPT ![forming] = @ + 1] ELSE filled
  /\ step' = [step EXCEPT ![c] = "claimed"]
  /\ UNCHANGED <<got, forming, held, content, leading, inFlight>>

Copy(c) ==
  /\ step[c] = "claimed"
  /\ content' = [content EXCEPT ![slab[c]][slot[c]] = c]
  /\ step' = [step EXCEPT ![c] = "copied"]
  /\ UNCHANGED <<slab, slot, got, forming, taken, filled, held, leading, inFlight>>

Count(c) ==
  /\ step[c] = "copied"
  /\ filled' = IF Mutant = "CountBeforeCopying" THEN filled ELSE [filled EXCEPT ![slab[c]] = @ + 1]
  /\ step' = [step EXCEPT ![c] = "kept"]
  /\ UNCHANGED <<slab, slot, got, forming, taken, held, content, leading, inFlight>>

Less(s, count) == held' = [held EXCEPT ![s] = IF @ < count THEN 0 ELSE @ - count]

Drop(c) ==
  /\ step[c] = "kept"
  /\ step' = [step EXCEPT ![c] = "dropped"]
  /\ Less(slab[c], 1)
  /\ UNCHANGED <<slab, slot, got, forming, taken, filled, content, leading, inFlight>>

\* Under the lock.
Take ==
  /\ leading = None /\ forming # None /\ taken[forming] > 0
  /\ leading' = forming
  /\ forming' = None
  /\ UNCHANGED <<step, slab, slot, got, taken, filled, held, content, inFlight>>

Awaited(s) == IF Mutant = "WaitForAll" THEN Capacity ELSE taken[s]

\* The batch is the device's, and its memory that of its submission and of the samples in it.
Submit ==
  /\ leading # None
  /\ filled[leading] = Awaited(leading) \/ Mutant = "WaitForNobody"
  /\ inFlight' = Append(inFlight, leading)
  /\ leading' = None
  /\ CASE Mutant = "LetGoOfNone" -> held' = held
       [] Mutant = "LetGoOfAll" -> Less(leading, Capacity)
       [] OTHER -> Less(leading, Capacity - taken[leading])
  /\ UNCHANGED <<step, slab, slot, got, forming, taken, filled, content>>

\* The device has read all that its oldest batch wanted.
Finish ==
  /\ inFlight # <<>>
  /\ LET s == Head(inFlight) IN
       got' = [c \in Callers |->
         IF slab[c] = s /\ got[c] = 0 /\ step[c] # "new" THEN content[s][slot[c]] ELSE got[c]]
  /\ inFlight' = Tail(inFlight)
  /\ UNCHANGED <<step, slab, slot, forming, taken, filled, held, content, leading>>

\* Everybody has come, who found memory, and has gone.
AtRest ==
  /\ \A c \in Callers : step[c] = "dropped"
  /\ leading = None /\ forming = None /\ inFlight = <<>>
  /\ UNCHANGED vars

Next ==
  \/ \E s \in Slabs : Form(s)
  \/ \E c \in Callers : Look(c) \/ Claim(c) \/ Copy(c) \/ Count(c) \/ Drop(c)
  \/ Take \/ Submit \/ Finish \/ AtRest

Spec == Init /\ [][Next]_vars
FairSpec ==
  /\ Spec
  /\ \A c \in Callers : WF_vars(Copy(c)) /\ WF_vars(Count(c))
  /\ WF_vars(Take) /\ WF_vars(Submit) /\ WF_vars(Finish)

------------------------------------------------------------------------------
TypeOK ==
  /\ step \in [Callers -> {"new", "looked", "claimed", "copied", "kept", "dropped"}]
  /\ slab \in [Callers -> Slabs \cup {None}]
  /\ slot \in [Callers -> 0..Capacity]
  /\ got \in [Callers -> Callers \cup {None, 0}]
  /\ forming \in Slabs \cup {None} /\ leading \in Slabs \cup {None}
  /\ taken \in [Slabs -> 0..Capacity] /\ filled \in [Slabs -> 0..Capacity]
  /\ held \in [Slabs -> 0..Capacity]

\* What the device reads for a call is that call's sample.
OwnSample == \A c \in Callers : got[c] \in {0, c}

\* A sample that has its place in memory is there for as long as somebody has it.
SampleThere == \A c \in Callers : step[c] = "kept" => content[slab[c]][slot[c]] = c

\* Memory that the device may read is nobody's to write.
MemoryKept == \A i \in DOMAIN inFlight : inFlight[i] # forming /\ inFlight[i] # leading

\* Memory goes with the last sample in it.
MemoryLetGo ==
  \A s \in Slabs : ~Uses(s) =>
    held[s] = Cardinality({c \in Callers : slab[c] = s /\ step[c] \in {"claimed", "copied", "kept"}})

\* Whoever has entered is read.
EveryCallRead == \A c \in Callers : step[c] = "claimed" ~> got[c] # 0

\* To be violated: a leader waits for a caller who is still copying.
NeverWaits == ~(leading # None /\ \E c \in Callers : slab[c] = leading /\ step[c] = "claimed")
\* To be violated: memory serves a second time.
NeverAgain == ~\E c \in Callers, d \in Callers :
  slab[c] # None /\ slab[c] = slab[d] /\ got[c] # 0 /\ step[d] = "claimed"
=============================================================================
