-------------------------- MODULE CoalescingQueue --------------------------
(* How calls of many concurrent callers become batches: the queue of the     *)
(* coalesced path (Sources/SwoopCore/CoalescingQueue.swift). Who looks at it, *)
(* and when, is Coalescer's; here anybody may at any time.                   *)
(*                                                                           *)
(* A call is placed in a forming batch when it enters. Whoever looks at the  *)
(* queue (`pump`) notices what the device has finished, takes the first      *)
(* forming batch if it may leave, submits it outside of the lock, puts it    *)
(* into flight, admits suspended calls, and only then answers the calls of   *)
(* what it has noticed. Answering and cancelling a call meet in one word.    *)
(*                                                                           *)
(* Every action is one atomic step of the code: what it does under the       *)
(* queue's lock, or to one atomic word. Debug builds write them down by      *)
(* these names, and Trace.tla replays that.                                  *)
(*                                                                           *)
(* `Mutant` plants one bug; "none" is the design.                            *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Calls,
  Agents,        \* whoever may look at the queue
  None,
  Capacity,      \* the most calls that wait for a batch
  MaximumBatch,
  Delays,        \* whether a batch that is not full may be held back for company
  MayRefuse,     \* whether submitting may fail
  Cancels,       \* calls that may be cancelled
  Reads,         \* calls whose result is read at some time; that of others is not here
  EndsBy,        \* "Close", "Abandon" or "none"
  Occasions,     \* on which the queue is looked at: "driving" looks twice, ...
  Alike,         \* calls that no other constant tells apart
  Mutant

Symmetry == Permutations(Alike) \cup Permutations(Agents \ Calls)

Batches == 1..Cardinality(Calls)

VARIABLES
  limit,      \* what the queue was made with: [queue, batch, delays]; never changes
  call,       \* calls: see NewCall
  batch,      \* batches: see NoBatch
  \* Under the lock:
  forming,    \* batches that wait, oldest first; full but for the last
  queued,     \* how many calls they hold
  inFlight,   \* batches submitted and not noticed, oldest first
  submitting, \* somebody submits
  suspended,  \* calls that wait for room, oldest first
  closed,
  \* Agents
  pump,       \* where each is in `pump`: see Resting
  torn        \* calls that a mutant is about to cancel

placeVars == <<forming, queued, batch>>
lineVars == <<suspended, closed, limit>>
queueVars == <<limit, call, batch, forming, queued, inFlight, submitting, suspended, closed, pump,
               torn>>

NewCall == [
  state |-> "new",      \* then "suspended", "entered" or "turnedAway"
  word |-> "open",      \* then "answered" or "cancelled"
  ends |-> 0,           \* how often that was said
  batch |-> None,
  sample |-> {},        \* who keeps its sample: "call" (the queue), "device" (the submission)
  result |-> None,      \* whose result its tensor was given, or "error"
  read |-> None]        \* what its caller has read

NoBatch == [
  phase |-> "none",     \* then "queued", "submitted", "answered"
  calls |-> <<>>,
  device |-> "none",    \* then "runs", "done" or "refused"
  output |-> {}]        \* who keeps the memory of its results: calls, "device"

Resting == [
  step |-> "idle",      \* what comes next
  drives |-> FALSE,
  noticed |-> <<>>,     \* batches to answer
  next |-> 0,           \* how many calls of the first of these have been; 0 before it is announced
  taken |-> None,       \* the batch to submit
  hasSuspended |-> FALSE,
  rounds |-> 0]         \* how many batches it has taken

QueueInit ==
  /\ call = [c \in Calls |-> NewCall]
  /\ batch = [b \in Batches |-> NoBatch]
  /\ forming = <<>> /\ queued = 0
  /\ inFlight = <<>> /\ submitting = FALSE
  /\ suspended = <<>> /\ closed = FALSE
  /\ pump = [a \in Agents |-> Resting]
  /\ torn = {}

------------------------------------------------------------------------------
\* Helpers

Range(seq) == {seq[i] : i \in 1..Len(seq)}
Min(a, b) == IF a < b THEN a ELSE b
Last(seq) == seq[Len(seq)]
Without(seq, set) == SelectSeq(seq, LAMBDA x : x \notin set)

\* A change of some calls.
Each(set, Change(_)) == [c \in Calls |-> IF c \in set THEN Change(c) ELSE call[c]]

IsFull == queued >= limit.queue + (IF Mutant = "FullOffByOne" THEN 1 ELSE 0)

Cap == limit.batch + (IF Mutant = "CapOffByOne" THEN 1 ELSE 0)

\* Puts a call into the last forming batch, or into a new one if that is full.
Place(q, c) ==
  LET isNew == q.forming = <<>> \/ Mutant = "OneEach" \/ Len(q.batch[Last(q.forming)].calls) >= Cap
      b == IF isNew
           THEN CHOOSE b \in Batches : /\ q.batch[b].phase = "none"
                                       /\ \A other \in 1..(b - 1) : q.batch[other].phase # "none"
           ELSE Last(q.forming)
  IN [forming |-> IF isNew THEN Append(q.forming, b) ELSE q.forming,
      queued |-> q.queued + 1,
      batch |-> [q.batch EXCEPT ![b].phase = "queued", ![b].calls = Append(@, c)],
      call |-> [q.call EXCEPT ![c].state = "entered", ![c].batch = b, ![c].sample = {"call"}]]

RECURSIVE PlaceAll(_, _)
PlaceAll(q, calls) ==
  IF calls = <<>> THEN q ELSE PlaceAll(Place(q, Head(calls)), Tail(calls))

Queue == [forming |-> forming, queued |-> queued, batch |-> batch, call |-> call]
Becomes(q) ==
  /\ forming' = q.forming /\ queued' = q.queued /\ batch' = q.batch /\ call' = q.call

IsFinished(b) == batch[b].device \in {"done", "refused"}

------------------------------------------------------------------------------
\* Entering

\* Nobody may overtake a suspended call.
HasRoom == ~IsFull /\ (suspended = <<>> \/ Mutant = "Barge")

Enter(c) ==
  /\ call[c].state = "new"
  /\ ~closed \/ Mutant = "EnterAfterClose"
  /\ HasRoom
  /\ Becomes(Place(Queue, c))
  /\ UNCHANGED <<inFlight, submitting, lineVars, pump, torn>>

\* Full; the caller then gets an error, gets in line, or tries again.
Refuse(c) ==
  /\ call[c].state = "new" /\ ~closed /\ ~HasRoom
  /\ UNCHANGED queueVars

\* Full: gets in line, with its sample. Seeing that and getting in line are one step.
Suspend(c) ==
  /\ call[c].state = "new" /\ ~closed /\ ~HasRoom
  /\ suspended' = Append(suspended, c)
  /\ call' = [call EXCEPT ![c].state = "suspended"]
  /\ UNCHANGED <<placeVars, inFlight, submitting, closed, limit, pump, torn>>

TurnAway(c) ==
  /\ call[c].state = "new" /\ closed /\ Mutant # "EnterAfterClose"
  /\ call' = [call EXCEPT ![c].state = "turnedAway"]
  /\ UNCHANGED <<placeVars, inFlight, submitting, lineVars, pump, torn>>

------------------------------------------------------------------------------
\* Looking at the queue: `pump`

\* How many of the batches in flight, from the oldest on, are seen to have finished.
Noticed ==
  CHOOSE n \in 0..Len(inFlight) :
    /\ \A i \in 1..n : IsFinished(inFlight[i])
    /\ n < Len(inFlight) => ~IsFinished(inFlight[n + 1])
StillInFlight == SubSeq(inFlight, Noticed + 1, Len(inFlight))

InFlightLimit == IF Mutant = "ThreeInFlight" THEN 3 ELSE 2

\* Whether the first forming batch may leave. A small one does not go behind a large one.
MayLeave ==
  /\ ~submitting \/ Mutant = "TwoLeaders"
  /\ forming # <<>>
  /\ CASE StillInFlight = <<>> -> TRUE
       [] StillInFlight # <<>> /\ closed ->
            Len(StillInFlight) < InFlightLimit \/ Mutant = "ThreeWhenClosing"
       [] OTHER ->
            /\ Len(StillInFlight) < InFlightLimit
            /\ Len(batch[Head(forming)].calls) >= Len(batch[StillInFlight[1]].calls)

\* Whether it must: it may stay if nobody waits and there are not many ("ifMany": how many that
\* is, is not said here), or because of a delay.
MustLeave(occasion) ==
  /\ MayLeave
  /\ \/ closed
     \/ /\ occasion # "ifMany"
        /\ ~limit.delays \/ Len(batch[Head(forming)].calls) >= limit.batch

IsLooking(a, occasion) ==
  \/ pump[a].step = "idle"
  \/ pump[a].step = "again" /\ occasion = "driving"

\* What is left to do when there is nothing to submit.
AfterLeading(it) ==
  CASE it.hasSuspended -> "admit"
    [] ~it.hasSuspended /\ it.noticed # <<>> -> "answer"
    [] OTHER -> "idle"

Rest(it) == IF AfterLeading(it) = "idle" THEN Resting ELSE [it EXCEPT !.step = AfterLeading(it)]

\* What an agent knows after noticing.
Looked(a, occasion) ==
  [pump[a] EXCEPT !.drives = occasion = "driving", !.hasSuspended = suspended # <<>>,
                  !.noticed = @ \o SubSeq(inFlight, 1, Noticed)]

\* Notices what has finished, and takes the first batch.
Take(a, occasion) ==
  LET b == Head(forming) IN
  /\ IsLooking(a, occasion) /\ MayLeave
  /\ pump' = [pump EXCEPT ![a] =
       [Looked(a, occasion) EXCEPT
          !.step = IF Mutant = "ResumeBeforeSubmit" /\ Looked(a, occasion).noticed # <<>>
                   THEN "answer" ELSE "sift",
          !.taken = b, !.rounds = @ + 1]]
  /\ inFlight' = StillInFlight
  /\ submitting' = TRUE
  /\ forming' = IF Mutant = "TakeInTwoSteps" THEN forming ELSE Tail(forming)
  /\ queued' = queued - (IF Mutant = "ForgetCancelledPlace"
       THEN Cardinality({c \in Range(batch[b].calls) : call[c].word # "cancelled"})
       ELSE Len(batch[b].calls))
  /\ UNCHANGED <<call, batch, lineVars, torn>>

\* Notices what has finished, and leaves what is forming.
LookAway(a, occasion) ==
  /\ IsLooking(a, occasion) /\ ~MustLeave(occasion)
  /\ pump' = [pump EXCEPT ![a] = Rest(Looked(a, occasion))]
  /\ inFlight' = StillInFlight
  /\ UNCHANGED <<call, placeVars, submitting, lineVars, torn>>

\* Leaves out calls that have been cancelled; some, if they are cancelled just then.
Sift(a, dropped) ==
  LET b == pump[a].taken IN
  /\ pump[a].step = "sift"
  /\ dropped \subseteq {c \in Range(batch[b].calls) : call[c].word = "cancelled"}
  /\ batch' = [batch EXCEPT ![b].calls = Without(@, dropped)]
  /\ call' = Each(dropped, LAMBDA c :
       IF Mutant = "KeepDropped" THEN call[c] ELSE [call[c] EXCEPT !.sample = {}])
  /\ pump' = [pump EXCEPT ![a].step = "submit"]
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, torn>>

\* Which result the device puts where call number i looks for its own.
Produced(b, i) ==
  CASE Mutant = "FirstResultToAll" -> batch[b].calls[1]
    [] Mutant = "NumberBeforeSift" ->
         LET dropped == {c \in Calls : call[c].batch = b /\ c \notin Range(batch[b].calls)}
             n == i + Cardinality(dropped)
         IN IF n <= Len(batch[b].calls) THEN batch[b].calls[n] ELSE "garbage"
    [] OTHER -> batch[b].calls[i]

\* Hands the batch to the device, which keeps all that it reads and writes; or fails, and then
\* every call has the error.
Submit(a, refused) ==
  LET b == pump[a].taken
      calls == batch[b].calls
      Index(c) == CHOOSE i \in 1..Len(calls) : calls[i] = c
  IN
  /\ pump[a].step = "submit"
  /\ batch' = [batch EXCEPT
       ![b].device = IF refused \/ calls = <<>> THEN "refused" ELSE "runs",
       ![b].output = IF refused \/ calls = <<>> THEN {} ELSE Range(calls) \cup {"device"}]
  /\ call' = Each(Range(calls), LAMBDA c :
       IF refused
       THEN [call[c] EXCEPT !.result =
               IF Mutant = "ErrorToFirstOnly" /\ c # calls[1] THEN @ ELSE "error"]
       ELSE [call[c] EXCEPT !.result = Produced(b, Index(c)),
                            !.sample = IF Mutant = "HoldNothing" THEN @ ELSE @ \cup {"device"}])
  /\ pump' = [pump EXCEPT ![a].step = "publish"]
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, torn>>

\* Says so, and lets go of the samples.
Publish(a) ==
  LET b == pump[a].taken IN
  /\ pump[a].step = "publish"
  /\ batch' = [batch EXCEPT ![b].phase = "submitted"]
  /\ call' = Each(Range(batch[b].calls), LAMBDA c : [call[c] EXCEPT !.sample = @ \ {"call"}])
  /\ pump' = [pump EXCEPT ![a].step = "land"]
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, torn>>

\* Puts it into flight; a batch that nobody is left in, to those to answer: a thread may sleep
\* until it is. The driver thread looks once more.
Land(a) ==
  LET b == pump[a].taken
      isEmpty == batch[b].calls = <<>>
      it == [pump[a] EXCEPT !.taken = None,
               !.noticed = IF isEmpty /\ Mutant # "ForgetEmptyBatch" THEN Append(@, b) ELSE @]
      looksAgain == it.drives /\ (it.rounds < 2 \/ Mutant = "LeadOn")
  IN
  /\ pump[a].step = "land"
  /\ submitting' = FALSE
  /\ inFlight' = IF isEmpty \/ (Mutant = "ForgetRefused" /\ batch[b].device = "refused")
                 THEN inFlight ELSE Append(inFlight, b)
  /\ forming' = Without(forming, {b})
  /\ pump' = [pump EXCEPT ![a] = IF looksAgain THEN [it EXCEPT !.step = "again"] ELSE Rest(it)]
  /\ UNCHANGED <<call, queued, batch, lineVars, torn>>

\* Lets suspended calls in, as many as there is room for; their callers need not run for that.
Admit(a) ==
  LET n == IF IsFull THEN 0 ELSE Min(limit.queue - queued, Len(suspended))
      first == IF Mutant = "LastInFirstOut" THEN Len(suspended) - n + 1 ELSE 1
      admitted == SubSeq(suspended, first, first + n - 1)
  IN
  /\ pump[a].step = "admit"
  /\ Becomes(PlaceAll(Queue, admitted))
  /\ suspended' = Without(suspended, Range(admitted))
  /\ pump' = [pump EXCEPT ![a] = Rest([@ EXCEPT !.hasSuspended = FALSE])]
  /\ UNCHANGED <<inFlight, submitting, closed, limit, torn>>

\* Where an agent goes when n calls of the batch it answers have been.
AfterAnswer(it, n) ==
  LET rest == [it EXCEPT !.noticed = Tail(@), !.next = 0] IN
  CASE n < Len(batch[Head(it.noticed)].calls) -> [it EXCEPT !.step = "answering", !.next = n]
    [] Mutant = "ResumeBeforeSubmit" /\ it.taken # None /\ rest.noticed = <<>> ->
         [rest EXCEPT !.step = "sift"]
    [] OTHER -> Rest(rest)

\* Says that the batch has been computed: threads that sleep for it go on.
Announce(a) ==
  LET b == Head(pump[a].noticed) IN
  /\ pump[a].step = "answer"
  /\ batch' = [batch EXCEPT ![b].phase = "answered",
                            ![b].output = IF Mutant = "RecycleBeforeRead" THEN {} ELSE @]
  /\ pump' = [pump EXCEPT ![a] = AfterAnswer(@, 0)]
  /\ UNCHANGED <<call, forming, queued, inFlight, submitting, lineVars, torn>>

\* The one atomic step that ends a call.
End(c, how) ==
  call' = [call EXCEPT ![c].word = how, ![c].ends = @ + 1,
                       ![c].sample = IF how = "cancelled" /\ Mutant = "FreeAtCancel" THEN {} ELSE @]

\* Answers the next call of the batch, unless it has been cancelled.
Answer(a, c) ==
  LET it == pump[a] IN
  /\ it.step = "answering"
  /\ c = batch[Head(it.noticed)].calls[it.next + 1]
  /\ IF call[c].word = "open" THEN End(c, "answered") ELSE UNCHANGED call
  /\ pump' = [pump EXCEPT ![a] = AfterAnswer(it, it.next + 1)]
  /\ UNCHANGED <<placeVars, inFlight, submitting, lineVars, torn>>

------------------------------------------------------------------------------
\* Callers, the device, the end

\* A task is cancelled. The call keeps its place.
Cancel(c) ==
  /\ call[c].state = "entered" /\ call[c].word = "open"
  /\ IF Mutant = "CancelInTwoSteps" THEN c \in torn ELSE TRUE
  /\ End(c, "cancelled")
  /\ UNCHANGED <<placeVars, inFlight, submitting, lineVars, pump, torn>>

\* Its result is read, or dropped. Nothing waits for that.
Read(c) ==
  LET b == call[c].batch IN
  /\ call[c].result # None /\ call[c].read = None
  \* A caller may see its own submission finish before anybody answers it.
  /\ call[c].word = "answered" \/ IsFinished(b)
  /\ call' = [call EXCEPT ![c].read =
       IF call[c].result = "error" \/ c \in batch[b].output THEN call[c].result ELSE "garbage"]
  /\ batch' = [batch EXCEPT ![b].output = @ \ {c}]
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, pump, torn>>

\* The device has finished a batch, in any order.
Finish(b) ==
  /\ batch[b].device = "runs"
  /\ batch' = [batch EXCEPT ![b].device = "done", ![b].output = @ \ {"device"}]
  /\ call' = Each(Range(batch[b].calls), LAMBDA c : [call[c] EXCEPT !.sample = @ \ {"device"}])
  /\ UNCHANGED <<forming, queued, inFlight, submitting, lineVars, pump, torn>>

\* No more calls; those in line are turned away, the others run.
Close ==
  /\ closed' = TRUE
  /\ suspended' = <<>>
  /\ call' = Each(Range(suspended), LAMBDA c :
       IF Mutant = "ForgetSuspended" THEN call[c] ELSE [call[c] EXCEPT !.state = "turnedAway"])
  /\ UNCHANGED <<placeVars, inFlight, submitting, limit, pump, torn>>

\* No more calls; all others run, also those in line.
Abandon ==
  /\ closed' = TRUE
  /\ UNCHANGED <<call, placeVars, inFlight, submitting, suspended, limit, pump, torn>>

\* Nothing waits, runs or remains to be answered.
IsDrained ==
  /\ queued = 0 /\ inFlight = <<>> /\ ~submitting
  /\ Mutant = "ReturnEarly" \/ \A a \in Agents : pump[a].noticed = <<>>

\* For the mutant that cancels in two steps.
Tear(c) ==
  /\ Mutant = "CancelInTwoSteps"
  /\ IF c \in torn
     THEN /\ End(c, "cancelled") /\ torn' = torn \ {c}
     ELSE /\ call[c].state = "entered" /\ call[c].word = "open"
          /\ torn' = torn \cup {c} /\ UNCHANGED call
  /\ UNCHANGED <<placeVars, inFlight, submitting, lineVars, pump>>

\* What an agent does on its way through `pump`, after its first look.
Pumping(a) ==
  CASE pump[a].step = "idle" -> FALSE
    [] pump[a].step = "again" -> Take(a, "driving") \/ LookAway(a, "driving")
    [] pump[a].step = "sift" ->
         \E dropped \in SUBSET {c \in Range(batch[pump[a].taken].calls) :
                                  call[c].word = "cancelled"} : Sift(a, dropped)
    [] pump[a].step = "submit" -> \E refused \in {FALSE, MayRefuse} : Submit(a, refused)
    [] pump[a].step = "publish" -> Publish(a)
    [] pump[a].step = "land" -> Land(a)
    [] pump[a].step = "admit" -> Admit(a)
    [] pump[a].step = "answer" -> Announce(a)
    [] pump[a].step = "answering" ->
         Answer(a, batch[Head(pump[a].noticed)].calls[pump[a].next + 1])

QueueNext ==
  \/ \E c \in Calls : Enter(c) \/ Suspend(c) \/ TurnAway(c)
  \/ \E a \in Agents :
       Pumping(a) \/ \E occasion \in Occasions :
         pump[a].step = "idle" /\ (Take(a, occasion) \/ LookAway(a, occasion))
  \/ \E c \in Cancels : Cancel(c) \/ Tear(c)
  \/ \E c \in Reads : Read(c)
  \/ \E b \in Batches : Finish(b)
  \/ ~closed /\ EndsBy = "Close" /\ Close
  \/ ~closed /\ EndsBy = "Abandon" /\ Abandon
  \/ UNCHANGED queueVars

QueueSpec ==
  QueueInit /\ limit = [queue |-> Capacity, batch |-> MaximumBatch, delays |-> Delays]
    /\ [][QueueNext]_queueVars

------------------------------------------------------------------------------
\* What must hold.

QueueTypeOK ==
  /\ \A c \in Calls :
       /\ call[c].state \in {"new", "suspended", "entered", "turnedAway"}
       /\ call[c].word \in {"open", "answered", "cancelled"}
       /\ call[c].batch \in Batches \cup {None}
       /\ call[c].sample \subseteq {"call", "device"}
  /\ \A b \in Batches :
       /\ batch[b].phase \in {"none", "queued", "submitted", "answered"}
       /\ batch[b].device \in {"none", "runs", "done", "refused"}
  /\ \A a \in Agents :
       pump[a].step \in {"idle", "again", "sift", "submit", "publish", "land", "admit", "answer",
                         "answering"}

\* No call ends twice.
AnsweredOnce == \A c \in Calls : call[c].ends = IF call[c].word = "open" THEN 0 ELSE 1

\* A call gets its own result, or an error, before it is answered.
OwnResult ==
  \A c \in Calls :
    /\ call[c].result \in {None, c, "error"}
    /\ call[c].read \in {None, c, "error"}
    /\ call[c].result = "error" => MayRefuse
    /\ call[c].word = "answered" => call[c].result # None

\* Batches that an agent has yet to answer or submit.
Held(a) == Range(pump[a].noticed) \cup ({pump[a].taken} \ {None})

\* Every open call is in exactly one place: in line, forming, with an agent, or in flight.
NothingLost ==
  \A c \in Calls :
    LET b == call[c].batch IN
    /\ call[c].state = "suspended" =>
         Cardinality({i \in 1..Len(suspended) : suspended[i] = c}) = 1
    /\ call[c].state = "entered" /\ call[c].word = "open" =>
         /\ c \in Range(batch[b].calls)
         /\ Cardinality({i \in 1..Len(forming) : forming[i] = b})
              + Cardinality({i \in 1..Len(inFlight) : inFlight[i] = b})
              + Cardinality({a \in Agents : b \in Held(a)}) = 1

\* While a submission may read a sample, and until there is one, somebody keeps it; nobody does
\* afterwards.
SamplesKept ==
  \A c \in Calls : call[c].state = "entered" =>
    LET b == call[c].batch IN
    /\ c \in Range(batch[b].calls) /\ batch[b].phase = "queued" => "call" \in call[c].sample
    /\ c \in Range(batch[b].calls) /\ batch[b].device = "runs" => "device" \in call[c].sample
SamplesLetGo ==
  \A c \in Calls : call[c].state = "entered" /\ batch[call[c].batch].phase # "queued" =>
    /\ "call" \notin call[c].sample
    /\ batch[call[c].batch].device # "runs" => call[c].sample = {}

\* The memory of a result is there until it has been read, and while the device may write it.
ResultsKept ==
  \A c \in Calls : call[c].result = c =>
    /\ call[c].read = None => c \in batch[call[c].batch].output
    /\ batch[call[c].batch].device = "runs" => "device" \in batch[call[c].batch].output

\* What waits is counted; only the last forming batch is not full; none can be joined any more
\* once it has been taken.
FormingKept ==
  /\ \A i \in 1..Len(forming) :
       /\ batch[forming[i]].phase = "queued" /\ batch[forming[i]].calls # <<>>
       /\ i < Len(forming) => Len(batch[forming[i]].calls) >= limit.batch
       /\ \A a \in Agents : pump[a].taken # forming[i]
QueueCounted ==
  queued = Cardinality({c \in Calls : call[c].state = "entered" /\ call[c].batch \in Range(forming)})

QueueBounded == queued <= limit.queue
BatchBounded == \A b \in Batches : Len(batch[b].calls) <= limit.batch
AtMostTwoInFlight == Len(inFlight) <= 2
OneLeader == Cardinality({a \in Agents : pump[a].taken # None}) <= 1
\* The next batch is submitted before callers are resumed, ...
SubmittedFirst ==
  \A a \in Agents : pump[a].step \in {"answer", "answering"} => pump[a].taken = None
\* ... and nobody is kept from that by the work of others.
LeadsBounded == \A a \in Agents : pump[a].rounds <= 2

\* Those in line get in in their order, and nobody gets in before them.
FirstComeFirstServed ==
  [][/\ IF Len(suspended') < Len(suspended)
        THEN suspended' = SubSeq(suspended, Len(suspended) - Len(suspended') + 1, Len(suspended))
        ELSE suspended = SubSeq(suspended', 1, Len(suspended))
     /\ suspended # <<>> /\ queued' > queued => Len(suspended') < Len(suspended)]_queueVars

------------------------------------------------------------------------------
\* Witnesses: these must be VIOLATED. The trace shows that the design permits what they deny.

NeverBatches == \A b \in Batches : Len(batch[b].calls) <= 1
NeverTwoInFlight == Len(inFlight) < 2
=============================================================================
