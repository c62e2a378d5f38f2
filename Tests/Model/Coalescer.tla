----------------------------- MODULE Coalescer -----------------------------
(* How calls of many concurrent callers become batches: one ring of the      *)
(* coalesced path.                                                           *)
(*                                                                           *)
(* A call gets a slot of the ring for its inputs: free, claimed, ready, in   *)
(* flight, and free again when the batch that read it is done. Results are   *)
(* parts of the batch's output, counted, and have nothing to do with slots.  *)
(*                                                                           *)
(* An agent (a caller, or the dispatcher: a thread that does nothing else)   *)
(* that has made a slot ready or has finished a batch looks whether there is *)
(* a batch to lead: a slot ready at the head of the ring, and fewer than two *)
(* batches in flight. If so, and if nobody else leads, it takes a run of     *)
(* ready slots, submits it, steps down, and looks again; if there is still   *)
(* more, it nudges the dispatcher. A caller that leads may wait for its own  *)
(* batch inline; the dispatcher finishes every other.                        *)
(*                                                                           *)
(* Whoever finishes a batch frees its slots, admits suspended calls to them, *)
(* leads the next batch if there is one, and only then resumes the callers.  *)
(*                                                                           *)
(* Every step is an action with a name and arguments, so that a log of the   *)
(* Swift code can be replayed against it (Trace.tla). What a step tests and  *)
(* changes, the code must test and change at once: by one atomic word, or    *)
(* under the ring's lock.                                                    *)
(*                                                                           *)
(* `Mutant` plants one bug; "none" is the design.                            *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Callers,
  Alike,         \* callers that no other constant tells apart
  Dispatcher,
  None,
  CallsEach,     \* calls that each caller makes (or has in hand, if Forever), ...
  Single,        \* ... save those who make one
  Ring,          \* slots
  MaximumBatch,
  MostInFlight,  \* operations in flight of each caller
  Inline,        \* callers that may wait for their own batch inline
  Fails,         \* callers that get an error when the ring is full; others are suspended
  Slow,          \* callers that may keep a result unread; others read it at once
  Cancels,       \* callers whose calls may be cancelled, or their futures dropped
  Invalid,       \* callers with bad arguments
  Faulty,        \* callers with an index that only the device finds bad
  MayFail,       \* whether submissions and batches may fail
  MayShutDown,
  TakesAll,      \* a leader takes all it may; otherwise any shorter run too
  Forever,       \* callers call again and again; for liveness
  Watched,       \* callers that liveness is checked for: one where all are alike
  Mutant

Agents == Callers \cup {Dispatcher}
Calls == {c \in Callers \X (1..CallsEach) : c[1] \in Single => c[2] = 1}
Slots == 0..(Ring - 1)
\* Outputs that exist at once: a part of each is unread, or it is in flight or being finished.
Batches == 1..(Cardinality(Calls) + 1)

\* Callers that no constant tells apart; used where no liveness is checked.
Symmetry == Permutations(Alike)

VARIABLES
  \* Calls
  state,      \* "new", then "waiting", then "resumed" or "cancelled"
  answer,     \* what each call was answered with
  answers,    \* how often it was answered
  part,       \* the batch whose output holds the call's result, until it has been read
  result,     \* whose result was read
  \* The ring
  slot,       \* [state, call, input]: what it is, for whom, and whose inputs lie in it
  head,       \* the next slot to be taken into a batch
  tail,       \* the next slot to be claimed
  suspended,  \* calls that wait for a slot, oldest first
  \* Batches
  batch,
  inFlight,   \* batches taken and not finished, oldest first
  \* Agents
  step,       \* what each does next
  current,    \* the call that a caller is making
  taking,     \* the batch that the leader is submitting
  inline,     \* the batch that a caller waits for
  finishing,  \* the batch whose callers an agent will resume
  leader,     \* who leads
  nudged,     \* the dispatcher has been asked to look
  \* The end
  closed,     \* no new calls
  evicted,    \* suspended calls that shutting down has yet to answer
  isDown,     \* shutting down has returned
  looked      \* what the two halves of a step hand on, in mutants that tear it

callVars == <<state, answer, answers, part, result>>
ringVars == <<slot, head, tail, suspended>>
batchVars == <<batch, inFlight>>
duties == <<current, taking, inline, finishing>>
leading == <<leader, nudged>>
agentVars == <<step, duties, leading>>
endVars == <<closed, evicted, isDown, looked>>
vars == <<callVars, ringVars, batchVars, agentVars, endVars>>

Steps == {"idle", "arriving", "writing", "looking", "grabbing", "leading", "submitting",
          "steppingDown", "lookingAgain", "waiting", "admitting", "resuming"}

FreeSlot == [state |-> "free", call |-> None, input |-> None]
NoBatch == [state |-> "none", slots |-> <<>>, calls |-> <<>>, produced |-> <<>>,
            failed |-> FALSE, owner |-> None, answered |-> 0, parts |-> 0]

Init ==
  /\ state = [c \in Calls |-> "new"]
  /\ answer = [c \in Calls |-> "none"]
  /\ answers = [c \in Calls |-> 0]
  /\ part = [c \in Calls |-> None]
  /\ result = [c \in Calls |-> None]
  /\ slot = [s \in Slots |-> FreeSlot]
  /\ head = 0
  /\ tail = 0
  /\ suspended = <<>>
  /\ batch = [b \in Batches |-> NoBatch]
  /\ inFlight = <<>>
  /\ step = [a \in Agents |-> "idle"]
  /\ current = [a \in Agents |-> None]
  /\ taking = [a \in Agents |-> None]
  /\ inline = [a \in Agents |-> None]
  /\ finishing = [a \in Agents |-> None]
  /\ leader = None
  /\ nudged = FALSE
  /\ closed = FALSE
  /\ evicted = {}
  /\ isDown = FALSE
  /\ looked = {}

------------------------------------------------------------------------------
\* Helpers

Range(seq) == {seq[i] : i \in 1..Len(seq)}
Min(a, b) == IF a < b THEN a ELSE b
After(s) == (s + 1) % Ring

Go(a, next) == step' = [step EXCEPT ![a] = next]

\* The one atomic step that answers a call; nobody else can answer it afterwards.
Settle(c, how, what) ==
  /\ state' = [state EXCEPT ![c] = how]
  /\ answer' = [answer EXCEPT ![c] = what]
  /\ answers' = [answers EXCEPT ![c] = @ + 1]

IsFull == slot[tail].state # "free"

\* Whether a slot may become part of a batch.
IsTakable(s) ==
  \/ slot[s].state = "ready"
  \/ Mutant = "TakeClaimed" /\ s # head /\ slot[s].state = "claimed"

\* How many slots from the head on are ready without a gap.
Run ==
  CHOOSE n \in 0..Ring :
    /\ \A i \in 0..(n - 1) : IsTakable((head + i) % Ring)
    /\ n < Ring => ~IsTakable((head + n) % Ring)

InFlightLimit == IF Mutant = "ThreeInFlight" THEN 3 ELSE 2
Cap == IF Mutant = "CapOffByOne" THEN MaximumBatch + 1 ELSE MaximumBatch
CanTake == Len(inFlight) < InFlightLimit /\ Run > 0

CanAdmit == suspended # <<>> /\ ~IsFull

\* One part less; the last one gives the output back.
WithoutPart(record) ==
  IF record.parts = 1 THEN NoBatch ELSE [record EXCEPT !.parts = @ - 1]

\* What an agent does when there is nothing more to lead.
AfterLeading(a) ==
  CASE finishing[a] # None -> "resuming"
    [] finishing[a] = None /\ inline[a] # None -> "waiting"
    [] OTHER -> "idle"

------------------------------------------------------------------------------
\* A caller makes a call.

Outstanding(a) == {c \in Calls : c[1] = a /\ state[c] = "waiting"}

\* Arguments are checked and storage is obtained here, before there is a slot.
Call(a, c) ==
  /\ step[a] = "idle"
  /\ c[1] = a /\ state[c] = "new"
  /\ \A other \in Calls : other[1] = a /\ other[2] < c[2] => state[other] # "new"
  /\ Cardinality(Outstanding(a)) < MostInFlight \/ Mutant = "NoCallerBound"
  /\ IF c[1] \in Invalid
     THEN /\ Settle(c, "resumed", "badArgument")
          /\ UNCHANGED <<step, current>>
     ELSE /\ state' = [state EXCEPT ![c] = "waiting"]
          /\ Go(a, "arriving")
          /\ current' = [current EXCEPT ![a] = c]
          /\ UNCHANGED <<answer, answers>>
  /\ UNCHANGED <<part, result, ringVars, batchVars, taking, inline, finishing, leading, endVars>>

IsArriving(a, c) == step[a] = "arriving" /\ current[a] = c

\* The caller goes on to whatever is next, without a slot.
Leave(a) == Go(a, "idle") /\ current' = [current EXCEPT ![a] = None]

\* Nobody may overtake a suspended call, and no call comes in after the end.
Claim(a, c, s) ==
  /\ IsArriving(a, c) /\ c \notin looked
  /\ IF Mutant = "ClaimAnySlot" THEN slot[s].state = "free" ELSE s = tail /\ ~IsFull
  /\ suspended = <<>> \/ Mutant = "Barge"
  /\ ~closed \/ Mutant = "ClaimAfterShutdown"
  /\ slot' = [slot EXCEPT ![s] = [state |-> "claimed", call |-> c, input |-> None]]
  /\ tail' = After(tail)
  /\ Go(a, "writing")
  /\ UNCHANGED <<callVars, head, suspended, batchVars, duties, leading, endVars>>

\* Writes the inputs. Nothing between Claim and this suspends.
MakeReady(a, c, s) ==
  /\ step[a] = "writing" /\ current[a] = c
  /\ slot[s].call = c
  /\ slot' = [slot EXCEPT ![s].state = "ready", ![s].input = c]
  /\ Go(a, "looking")
  /\ current' = [current EXCEPT ![a] = None]
  /\ UNCHANGED <<callVars, head, tail, suspended, batchVars, taking, inline, finishing, leading,
                 endVars>>

\* No slot: the call waits in line, with its inputs. Seeing that and getting in line are one
\* step, or a slot that comes free in between finds nobody.
Suspend(a, c) ==
  /\ IsArriving(a, c) /\ state[c] = "waiting" /\ a \notin Fails
  /\ ~closed
  /\ IF Mutant = "SuspendInTwoSteps" THEN c \in looked ELSE IsFull \/ suspended # <<>>
  /\ suspended' = Append(suspended, c)
  /\ looked' = looked \ {c}
  /\ Leave(a)
  /\ UNCHANGED <<callVars, slot, head, tail, batchVars, taking, inline, finishing, leading,
                 closed, evicted, isDown>>

\* No slot: the caller has chosen an error.
Refuse(a, c) ==
  /\ IsArriving(a, c) /\ state[c] = "waiting" /\ a \in Fails
  /\ ~closed
  /\ IsFull \/ suspended # <<>>
  /\ Settle(c, "resumed", "full")
  /\ Leave(a)
  /\ UNCHANGED <<part, result, ringVars, batchVars, taking, inline, finishing, leading, endVars>>

TurnAway(a, c) ==
  /\ IsArriving(a, c) /\ state[c] = "waiting"
  /\ closed /\ Mutant # "ClaimAfterShutdown"
  /\ Settle(c, "resumed", "shutDown")
  /\ Leave(a)
  /\ UNCHANGED <<part, result, ringVars, batchVars, taking, inline, finishing, leading, endVars>>

\* Cancelled before it had a slot.
Withdraw(a, c) ==
  /\ IsArriving(a, c) /\ state[c] = "cancelled"
  /\ Leave(a)
  /\ UNCHANGED <<callVars, ringVars, batchVars, taking, inline, finishing, leading, endVars>>

------------------------------------------------------------------------------
\* Leading: whoever has made a slot ready or finished a batch looks.

IsLooking(a) == step[a] = "looking" \/ (step[a] = "admitting" /\ ~CanAdmit)

\* There is something to take.
Look(a) ==
  /\ IsLooking(a) /\ CanTake
  /\ Go(a, "grabbing")
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leading, endVars>>

\* There is nothing to take.
LookAway(a) ==
  /\ IsLooking(a) \/ step[a] = "lookingAgain"
  /\ ~CanTake
  /\ Go(a, AfterLeading(a))
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leading, endVars>>

\* There is more to take. Nobody leads twice in a row: the work of others might keep an agent for
\* ever from resuming the callers of its batch, and a caller from its own affairs. The
\* dispatcher is asked to look.
Nudge(a) ==
  /\ step[a] = "lookingAgain" /\ CanTake
  /\ nudged' = TRUE
  /\ Go(a, AfterLeading(a))
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leader, endVars>>

\* The dispatcher looks because it was asked to; a batch to finish comes first, and it looks
\* then anyway.
Wake ==
  /\ step[Dispatcher] = "idle" /\ nudged
  /\ \A b \in Batches : ~(batch[b].state = "done" /\ batch[b].owner = Dispatcher)
  /\ nudged' = FALSE
  /\ Go(Dispatcher, "looking")
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leader, endVars>>

Lead(a) ==
  /\ step[a] = "grabbing"
  /\ leader = None \/ Mutant = "TwoLeaders"
  /\ leader' = a
  /\ Go(a, "leading")
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, nudged, endVars>>

\* Somebody else leads, and will look again after stepping down: nothing is forgotten.
Yield(a) ==
  /\ step[a] = "grabbing"
  /\ leader # None /\ Mutant # "TwoLeaders"
  /\ Go(a, AfterLeading(a))
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leading, endVars>>

\* Takes the first n ready slots. Storage for their results was obtained before; where there
\* is none for so many, for half of them: hence n may be less than it could be.
TakeBatch(a, b, n) ==
  LET taken == [i \in 1..n |-> (head + i - 1) % Ring]
      calls == [i \in 1..n |-> slot[taken[i]].call]
  IN
  /\ step[a] = "leading" /\ CanTake
  /\ batch[b] = NoBatch /\ \A other \in Batches : batch[other] = NoBatch => b <= other
  /\ n \in 1..Min(Run, Cap)
  /\ TakesAll => n = Min(Run, Cap)
  /\ slot' = [s \in Slots |->
       IF s \in Range(taken) THEN [slot[s] EXCEPT !.state = "inFlight"] ELSE slot[s]]
  /\ head' = (head + n) % Ring
  /\ batch' = [batch EXCEPT ![b] =
       [NoBatch EXCEPT !.state = "taken", !.slots = taken, !.calls = calls, !.owner = a,
                       !.parts = n]]
  /\ inFlight' = Append(inFlight, b)
  /\ taking' = [taking EXCEPT ![a] = b]
  /\ Go(a, "submitting")
  /\ UNCHANGED <<callVars, tail, suspended, current, inline, finishing, leading, endVars>>

\* Somebody took it all between the look and the lead.
TakeNothing(a) ==
  /\ step[a] = "leading" /\ ~CanTake
  /\ Go(a, "steppingDown")
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, leading, endVars>>

MayWaitInline(a, b) ==
  /\ a \in Inline /\ finishing[a] = None /\ inline[a] = None
  /\ \E c \in Range(batch[b].calls) : c[1] = a

\* Hands the batch to the device; if that fails, the batch is done at once. From here on `owner`
\* has to finish it: the leader, if it waits inline for its own call, or the dispatcher.
Submit(a, b, owner, fails) ==
  /\ step[a] = "submitting" /\ taking[a] = b
  /\ owner = Dispatcher \/ (owner = a /\ MayWaitInline(a, b))
  /\ fails => MayFail
  /\ batch' = [batch EXCEPT ![b].state = IF fails THEN "done" ELSE "submitted",
                            ![b].failed = fails, ![b].owner = owner]
  /\ slot' = IF Mutant = "FreeAtSubmit"
             THEN [s \in Slots |-> IF s \in Range(batch[b].slots) THEN FreeSlot ELSE slot[s]]
             ELSE slot
  /\ taking' = [taking EXCEPT ![a] = None]
  /\ inline' = IF owner = Dispatcher THEN inline ELSE [inline EXCEPT ![a] = b]
  /\ Go(a, "steppingDown")
  /\ UNCHANGED <<callVars, head, tail, suspended, inFlight, current, finishing, leading, endVars>>

\* Whoever yielded meanwhile, or found two batches in flight, relies on another look.
NextLook(a) ==
  CASE Mutant = "NoSecondLook" -> AfterLeading(a)
    [] Mutant = "LeadOn" -> "looking"
    [] OTHER -> "lookingAgain"

StepDown(a) ==
  /\ step[a] = "steppingDown"
  /\ leader' = None
  /\ Go(a, NextLook(a))
  /\ UNCHANGED <<callVars, ringVars, batchVars, duties, nudged, endVars>>

\* A caller that has waited inline for long leaves its batch to the dispatcher.
HandOver(a, b) ==
  /\ step[a] = "waiting" /\ inline[a] = b
  /\ batch[b].state = "submitted"
  /\ batch' = [batch EXCEPT ![b].owner = Dispatcher]
  /\ inline' = [inline EXCEPT ![a] = None]
  /\ Go(a, "idle")
  /\ UNCHANGED <<callVars, ringVars, inFlight, current, taking, finishing, leading, endVars>>

------------------------------------------------------------------------------
\* The device: batches are done in the order of their submission. It reads the slots at the
\* last moment it may.

Complete(b, fails) ==
  /\ batch[b].state = "submitted"
  /\ \A i \in 1..Len(inFlight) :
       inFlight[i] = b => \A j \in 1..(i - 1) : batch[inFlight[j]].state = "done"
  /\ fails => MayFail
  /\ batch' = [batch EXCEPT ![b].state = "done", ![b].failed = fails,
       ![b].produced = IF fails THEN <<>>
                       ELSE [i \in 1..Len(batch[b].slots) |-> slot[batch[b].slots[i]].input]]
  /\ UNCHANGED <<callVars, ringVars, inFlight, agentVars, endVars>>

------------------------------------------------------------------------------
\* Finishing a batch.

\* The dispatcher takes the oldest that is done.
IsNext(a, b) ==
  IF a = Dispatcher
  THEN step[a] = "idle" /\ \A i, j \in 1..Len(inFlight) :
         inFlight[i] = b /\ j < i =>
           ~(batch[inFlight[j]].owner = a /\ batch[inFlight[j]].state = "done")
  ELSE step[a] = "waiting" /\ inline[a] = b

\* What a slot holds when its batch is done.
Freed(s) ==
  CASE Mutant = "FreeWhenRead" -> slot[s]
    [] Mutant = "ForgetCancelledSlot" /\ state[slot[s].call] = "cancelled" -> slot[s]
    [] Mutant = "ResultsInSlots" -> [FreeSlot EXCEPT !.input = slot[s].input]
    [] OTHER -> FreeSlot

\* Frees the slots. The output stays, one part for each call.
Finish(a, b) ==
  /\ batch[b].state = "done" /\ batch[b].owner = a /\ IsNext(a, b)
  /\ slot' = [s \in Slots |-> IF s \in Range(batch[b].slots) THEN Freed(s) ELSE slot[s]]
  /\ batch' = [batch EXCEPT ![b].state = "finished"]
  /\ inFlight' = SelectSeq(inFlight, LAMBDA other : other # b)
  /\ finishing' = [finishing EXCEPT ![a] = b]
  /\ inline' = [inline EXCEPT ![a] = None]
  /\ Go(a, IF Mutant = "ResumeBeforeSubmit" THEN "resuming" ELSE "admitting")
  \* The dispatcher is about to look anyway.
  /\ nudged' = (nudged /\ a # Dispatcher)
  /\ UNCHANGED <<callVars, head, tail, suspended, current, taking, leader, endVars>>

\* Gives a slot to the call that has been suspended longest, and writes its inputs for it: its
\* caller need not run for that.
Admit(a, c, s) ==
  /\ step[a] = "admitting" /\ CanAdmit
  /\ c = suspended[IF Mutant = "LastInFirstOut" THEN Len(suspended) ELSE 1]
  /\ s = tail
  /\ suspended' = SelectSeq(suspended, LAMBDA other : other # c)
  /\ slot' = [slot EXCEPT ![s] = [state |-> "ready", call |-> c, input |-> c]]
  /\ tail' = After(tail)
  /\ UNCHANGED <<callVars, head, batchVars, agentVars, endVars>>

\* An index found bad is the error of its element, not of the batch.
IsBad(record, c) ==
  IF Mutant = "ElementErrorToAll"
  THEN \E other \in Range(record.calls) : other[1] \in Faulty ELSE c[1] \in Faulty

\* Answers the next call of the batch, unless it has been cancelled.
Resume(a, b, c) ==
  LET record == batch[b]
      i == record.answered + 1
      next == [record EXCEPT !.answered = i]
      isSkipped == Mutant = "ErrorToFirstOnly" /\ record.failed /\ i > 1
      isWanted == state[c] = "waiting" /\ ~isSkipped
      hasValue == ~record.failed /\ ~IsBad(record, c)
      isKept == hasValue /\ c[1] \in Slow
      isLast == i = Len(record.calls)
  IN
  /\ step[a] = "resuming" /\ finishing[a] = b
  /\ c = record.calls[i]
  /\ IF isWanted
     THEN Settle(c, "resumed", CASE record.failed -> "batchFailed"
                                 [] ~record.failed /\ ~hasValue -> "badElement"
                                 [] OTHER -> "value")
     ELSE UNCHANGED <<state, answer, answers>>
  /\ part' = IF isWanted /\ isKept THEN [part EXCEPT ![c] = b] ELSE part
  /\ result' = IF isWanted /\ ~record.failed /\ ~isKept
               THEN [result EXCEPT ![c] =
                       record.produced[IF Mutant = "FirstResultToAll" THEN 1 ELSE i]]
               ELSE result
  /\ batch' = [batch EXCEPT ![b] =
       CASE Mutant = "RecycleBeforeRead" /\ isLast -> NoBatch
         [] (isWanted /\ isKept) \/ (Mutant = "ForgetPart" /\ ~isWanted) -> next
         [] OTHER -> WithoutPart(next)]
  /\ IF isLast
     THEN /\ Go(a, IF Mutant = "ResumeBeforeSubmit" THEN "admitting" ELSE "idle")
          /\ finishing' = [finishing EXCEPT ![a] = None]
     ELSE UNCHANGED <<step, finishing>>
  /\ UNCHANGED <<ringVars, inFlight, current, taking, inline, leading, endVars>>

------------------------------------------------------------------------------
\* Callers with an answer, or without.

\* Reads its result, or drops it. No caller has to; nothing may wait for it.
Read(a, c) ==
  LET b == part[c]
      i == CHOOSE i \in 1..Len(batch[b].calls) : batch[b].calls[i] = c
      s == batch[b].slots[i]
  IN
  /\ step[a] = "idle" /\ c[1] = a /\ b # None
  /\ result' = [result EXCEPT ![c] =
       IF Mutant = "ResultsInSlots" THEN slot[s].input ELSE batch[b].produced[i]]
  /\ part' = [part EXCEPT ![c] = None]
  /\ batch' = [batch EXCEPT ![b] = WithoutPart(@)]
  /\ slot' = IF Mutant = "FreeWhenRead" THEN [slot EXCEPT ![s] = FreeSlot] ELSE slot
  /\ UNCHANGED <<state, answer, answers, head, tail, suspended, inFlight, agentVars, endVars>>

\* A task is cancelled, or the last reference to a future is dropped. A suspended call leaves
\* the line; any other runs on without an owner.
Cancel(c) ==
  /\ c[1] \in Cancels /\ state[c] = "waiting"
  /\ Mutant # "CancelInTwoSteps"
  /\ Settle(c, "cancelled", "cancelled")
  /\ suspended' = SelectSeq(suspended, LAMBDA other : other # c)
  \* A leader that is cancelled still finishes what it leads.
  /\ IF Mutant = "CancelledLeaderLeaves" /\ step[c[1]] = "waiting"
     THEN Go(c[1], "idle") /\ inline' = [inline EXCEPT ![c[1]] = None]
     ELSE UNCHANGED <<step, inline>>
  /\ UNCHANGED <<part, result, slot, head, tail, batchVars, current, taking, finishing, leading,
                 endVars>>

\* Shutting down: suspended calls get an error, calls with a slot are run.
Shutdown ==
  /\ MayShutDown /\ ~closed
  /\ closed' = TRUE
  /\ evicted' = IF Mutant = "ForgetSuspended" THEN {} ELSE Range(suspended)
  /\ suspended' = <<>>
  /\ UNCHANGED <<callVars, slot, head, tail, batchVars, agentVars, isDown, looked>>

Evict(c) ==
  /\ c \in evicted
  /\ evicted' = evicted \ {c}
  /\ IF state[c] = "waiting"
     THEN Settle(c, "resumed", "shutDown") ELSE UNCHANGED <<state, answer, answers>>
  /\ UNCHANGED <<part, result, ringVars, batchVars, agentVars, closed, isDown, looked>>

IsAnswered(b) == batch[b].state = "none" \/ batch[b].answered = Len(batch[b].calls)

ShutdownReturns ==
  /\ closed /\ ~isDown
  /\ evicted = {} /\ \A s \in Slots : slot[s].state = "free"
  /\ inFlight = <<>> /\ \A b \in Batches : IsAnswered(b)
  /\ isDown' = TRUE
  /\ UNCHANGED <<callVars, ringVars, batchVars, agentVars, closed, evicted, looked>>

\* For liveness: a call that is over is made again.
Again(c) ==
  /\ Forever
  /\ state[c] \in {"resumed", "cancelled"} /\ part[c] = None /\ c \notin evicted
  /\ \A s \in Slots : slot[s].call # c
  /\ \A b \in Batches : batch[b].state # "finished" => c \notin Range(batch[b].calls)
  /\ \A b \in Batches : \A i \in 1..Len(batch[b].calls) :
       batch[b].calls[i] = c => i <= batch[b].answered
  /\ \A a \in Agents : current[a] # c
  /\ state' = [state EXCEPT ![c] = "new"]
  /\ answer' = [answer EXCEPT ![c] = "none"]
  /\ answers' = [answers EXCEPT ![c] = 0]
  /\ result' = [result EXCEPT ![c] = None]
  /\ UNCHANGED <<part, ringVars, batchVars, agentVars, endVars>>

------------------------------------------------------------------------------
\* Halves of steps, for the mutants that tear them.

Torn ==
  \/ \E c \in Calls :  \* sees that it is waiting, and cancels it later whatever it is then
       /\ Mutant = "CancelInTwoSteps" /\ c[1] \in Cancels
       /\ IF c \in looked
          THEN Settle(c, "cancelled", "cancelled") /\ looked' = looked \ {c}
          ELSE /\ state[c] = "waiting" /\ looked' = looked \cup {c}
               /\ UNCHANGED <<state, answer, answers>>
       /\ UNCHANGED <<part, result, ringVars, batchVars, agentVars, closed, evicted, isDown>>
  \/ \E a \in Callers : \E c \in Calls :  \* sees a full ring, and gets in line later
       /\ Mutant = "SuspendInTwoSteps"
       /\ IsArriving(a, c) /\ IsFull /\ c \notin looked
       /\ looked' = looked \cup {c}
       /\ UNCHANGED <<callVars, ringVars, batchVars, agentVars, closed, evicted, isDown>>

------------------------------------------------------------------------------

\* What a caller does of its own accord; nothing forces it to.
CallerStep(a) ==
  \/ \E c \in Calls : Call(a, c) \/ Read(a, c)
  \/ \E b \in Batches : HandOver(a, b)

\* What an agent does because it must go on; by step, which says the same as the actions do, and
\* is quicker to evaluate.
AgentStep(a) ==
  CASE step[a] = "arriving" ->
         LET c == current[a] IN
         \/ \E s \in Slots : Claim(a, c, s)
         \/ Suspend(a, c) \/ Refuse(a, c) \/ TurnAway(a, c) \/ Withdraw(a, c)
    [] step[a] = "writing" -> \E s \in Slots : MakeReady(a, current[a], s)
    [] step[a] = "admitting" ->
         \/ \E i \in 1..Len(suspended) : Admit(a, suspended[i], tail)
         \/ Look(a) \/ LookAway(a)
    [] step[a] = "looking" -> Look(a) \/ LookAway(a)
    [] step[a] = "grabbing" -> Lead(a) \/ Yield(a)
    [] step[a] = "leading" ->
         \/ \E b \in Batches : \E n \in 1..(Cap + 1) : TakeBatch(a, b, n)
         \/ TakeNothing(a)
    [] step[a] = "submitting" ->
         \E owner \in {a, Dispatcher} : \E fails \in {FALSE, MayFail} :
           Submit(a, taking[a], owner, fails)
    [] step[a] = "steppingDown" -> StepDown(a)
    [] step[a] = "lookingAgain" -> Nudge(a) \/ LookAway(a)
    [] step[a] = "resuming" ->
         LET b == finishing[a] IN Resume(a, b, batch[b].calls[batch[b].answered + 1])
    [] step[a] = "waiting" -> Finish(a, inline[a])
    [] step[a] = "idle" ->
         a = Dispatcher /\ (Wake \/ \E i \in 1..Len(inFlight) : Finish(a, inFlight[i]))

DeviceStep ==
  \E i \in 1..Len(inFlight) : \E fails \in {FALSE, MayFail} : Complete(inFlight[i], fails)

EndStep == (\E c \in Calls : Evict(c)) \/ ShutdownReturns

HasEnded ==
  /\ \A c \in Calls : state[c] \in {"resumed", "cancelled"} /\ part[c] = None
  /\ ~nudged /\ \A a \in Agents : step[a] = "idle"
  /\ \A b \in Batches : batch[b] = NoBatch
  /\ MayShutDown => isDown

\* Rests at the end, so that every other state without a successor is a deadlock.
Ended == HasEnded /\ UNCHANGED vars

Next ==
  \/ \E a \in Agents : CallerStep(a) \/ AgentStep(a)
  \/ \E c \in Calls : Cancel(c) \/ Again(c)
  \/ DeviceStep \/ Shutdown \/ EndStep \/ Torn \/ Ended

Spec == Init /\ [][Next]_vars

\* Agents go on, and so does the device. Callers need not call, read, cancel or shut down.
FairSpec ==
  Spec /\ (\A a \in Agents : WF_vars(AgentStep(a))) /\ WF_vars(DeviceStep) /\ WF_vars(EndStep)

------------------------------------------------------------------------------
\* What must hold.

Answers == {"none", "value", "badArgument", "badElement", "batchFailed", "full", "cancelled",
            "shutDown"}

TypeOK ==
  /\ state \in [Calls -> {"new", "waiting", "resumed", "cancelled"}]
  /\ answer \in [Calls -> Answers]
  /\ answers \in [Calls -> 0..2]
  /\ part \in [Calls -> Batches \cup {None}]
  /\ result \in [Calls -> Calls \cup {None}]
  /\ slot \in [Slots -> [state : {"free", "claimed", "ready", "inFlight"},
                         call : Calls \cup {None}, input : Calls \cup {None}]]
  /\ head \in Slots /\ tail \in Slots
  /\ suspended \in Seq(Calls)
  /\ \A b \in Batches :
       /\ batch[b].state \in {"none", "taken", "submitted", "done", "finished"}
       /\ batch[b].slots \in Seq(Slots) /\ batch[b].calls \in Seq(Calls)
       /\ batch[b].owner \in Agents \cup {None}
       /\ batch[b].failed \in BOOLEAN
       /\ batch[b].answered \in 0..Len(batch[b].calls)
       /\ batch[b].parts \in 0..Len(batch[b].calls)
  /\ inFlight \in Seq(Batches)
  /\ step \in [Agents -> Steps]
  /\ current \in [Agents -> Calls \cup {None}]
  /\ taking \in [Agents -> Batches \cup {None}]
  /\ inline \in [Agents -> Batches \cup {None}]
  /\ finishing \in [Agents -> Batches \cup {None}]
  /\ leader \in Agents \cup {None} /\ nudged \in BOOLEAN
  /\ closed \in BOOLEAN /\ isDown \in BOOLEAN
  /\ evicted \subseteq Calls /\ looked \subseteq Calls

\* No call is answered twice, and none is over without an answer.
AnsweredOnce ==
  \A c \in Calls : answers[c] = IF state[c] \in {"resumed", "cancelled"} THEN 1 ELSE 0

\* A call gets its own result or its own error.
OwnAnswer ==
  \A c \in Calls :
    /\ result[c] \in {None, c}
    /\ answer[c] = "badArgument" <=> (c[1] \in Invalid /\ state[c] # "new")
    /\ answer[c] = "value" => c[1] \notin Faulty
    /\ answer[c] = "badElement" => c[1] \in Faulty
    /\ answer[c] = "full" => c[1] \in Fails
    /\ answer[c] = "cancelled" => c[1] \in Cancels
    /\ answer[c] = "batchFailed" => MayFail
    /\ answer[c] = "shutDown" => closed

\* While a batch may read its slots they hold the inputs of its calls.
SlotsKept ==
  \A b \in Batches : batch[b].state \in {"taken", "submitted"} =>
    \A i \in 1..Len(batch[b].slots) :
      LET it == slot[batch[b].slots[i]] IN
      it.state = "inFlight" /\ it.input = batch[b].calls[i]

\* Where each waiting call is: with its caller, in line, in a slot, or in a batch to be answered.
Places(c) ==
  Cardinality({a \in Agents : step[a] = "arriving" /\ current[a] = c})
    + Cardinality({i \in 1..Len(suspended) : suspended[i] = c})
    + Cardinality({s \in Slots : slot[s].call = c})
    + (IF c \in evicted THEN 1 ELSE 0)
    + Cardinality({b \in Batches : batch[b].state = "finished"
        /\ \E i \in (batch[b].answered + 1)..Len(batch[b].calls) : batch[b].calls[i] = c})

NothingLost == \A c \in Calls : state[c] = "waiting" => Places(c) = 1

\* Every slot that is not free has somebody who will free it.
SlotsAccounted ==
  \A s \in Slots :
    /\ slot[s].state = "free" <=> slot[s].call = None
    /\ slot[s].state = "claimed" =>
         \E a \in Callers : step[a] = "writing" /\ current[a] = slot[s].call
    /\ slot[s].state = "inFlight" =>
         Cardinality({i \in 1..Len(inFlight) : s \in Range(batch[inFlight[i]].slots)}) = 1

\* The ring is a ring: from the head to the tail all is claimed or ready, and nothing else is.
RingKept ==
  LET n == Cardinality({s \in Slots : slot[s].state \in {"claimed", "ready"}}) IN
  /\ tail = (head + n) % Ring
  /\ \A i \in 0..(n - 1) : slot[(head + i) % Ring].state \in {"claimed", "ready"}

\* An output lives until its last part has been read or dropped, and no longer.
ResultsKept ==
  \A c \in Calls : part[c] # None =>
    /\ batch[part[c]].state = "finished"
    /\ \E i \in 1..batch[part[c]].answered : batch[part[c]].calls[i] = c
PartsCounted ==
  \A b \in Batches : batch[b].state # "none" =>
    batch[b].parts = Len(batch[b].calls) - batch[b].answered
                       + Cardinality({c \in Calls : part[c] = b})

BatchBounded == \A b \in Batches : Len(batch[b].calls) <= MaximumBatch
AtMostTwoInFlight == Len(inFlight) <= 2
OneLeader ==
  /\ \A a \in Agents : step[a] \in {"leading", "submitting", "steppingDown"} => leader = a
  /\ leader # None => step[leader] \in {"leading", "submitting", "steppingDown"}
CallerBounded == \A a \in Callers : Cardinality(Outstanding(a)) <= MostInFlight

\* No wake-up is lost: where there is a batch to lead, somebody is about to look or leads.
\* Whoever is resuming callers is not: the next batch is submitted before that.
SomebodyLeads ==
  CanTake =>
    \/ \E a \in Agents :
         step[a] \in {"looking", "admitting", "grabbing", "leading", "submitting",
                     "steppingDown", "lookingAgain"}
    \/ nudged
\* Likewise where there is room for a suspended call, ...
SomebodyAdmits == CanAdmit => \E a \in Agents : step[a] = "admitting"
\* ... and for every batch there is somebody who finishes it.
SomebodyFinishes ==
  \A i \in 1..Len(inFlight) :
    LET b == inFlight[i] IN
    \/ batch[b].state = "taken" /\ taking[batch[b].owner] = b
    \/ batch[b].owner = Dispatcher
    \/ batch[b].owner \in Agents /\ inline[batch[b].owner] = b

\* When shutting down has returned, nothing is left, and nothing comes any more.
ShutdownDrains ==
  isDown =>
    /\ \A s \in Slots : slot[s].state = "free"
    /\ inFlight = <<>> /\ suspended = <<>> /\ evicted = {}
    /\ \A c \in Calls : state[c] = "waiting" => \E a \in Callers : IsArriving(a, c)

\* Liveness. Nobody starves, whatever the others do, ...
EveryCallAnswered ==
  \A c \in {it \in Calls : it[1] \in Watched} : state[c] = "waiting" ~> state[c] # "waiting"
\* ... no caller is kept for ever by others' work, ...
EveryCallerReturns == \A a \in Watched : step[a] # "idle" ~> step[a] = "idle"
\* ... and shutting down comes to an end.
ShutdownEnds == closed ~> isDown

------------------------------------------------------------------------------
\* Witnesses: these must be VIOLATED. The trace shows that the design permits what they deny.

NeverBatches == \A b \in Batches : Len(batch[b].calls) <= 1
NeverTwoInFlight == Len(inFlight) < 2
NeverInline == \A a \in Agents : inline[a] = None
=============================================================================
