------------------------------- MODULE Trace -------------------------------
(* Replays recorded runs of the Swift code against the steps of              *)
(* CoalescingQueue.                                                          *)
(*                                                                           *)
(* The generated module Recorded defines RecordedCalls, RecordedAgents and   *)
(* Traces, a sequence of traces: what the queue was made with (queue, batch, *)
(* delays), and `steps`, each the name of an action and its arguments. Calls *)
(* are strings, agents numbers; n is how many batches were noticed:          *)
(*                                                                           *)
(*   <<"Enter", call>>       <<"Take", agent, occasion, calls, n>>           *)
(*   <<"Refuse", call>>      <<"LookAway", agent, occasion, n>>              *)
(*   <<"Suspend", call>>     <<"Sift", agent, calls that are left>>          *)
(*   <<"TurnAway", call>>    <<"Submit", whether it was refused>>            *)
(*   <<"Cancel", call>>      <<"Publish", agent>>  <<"Land", agent>>         *)
(*   <<"Read", call, call whose result it was>>    <<"ReadError", call>>     *)
(*   <<"Finish", first call of the batch>>                                   *)
(*   <<"Admit", agent, calls>>  <<"Announce", agent>>                        *)
(*   <<"Answer", agent, call, whether it had been cancelled>>                *)
(*   <<"Close">>  <<"Abandon">>  <<"CloseReturns">>                          *)
(*                                                                           *)
(* A trace that is not a behaviour of CoalescingQueue ends in a deadlock:    *)
(* `which` says the trace, and the entry after `done` cannot be.             *)
EXTENDS CoalescingQueue, Recorded

VARIABLES which, done

\* What is left of the line after these, its first, were admitted.
IsHeadOfLine(calls) ==
  Len(calls) <= Len(suspended) /\ SubSeq(suspended, 1, Len(calls)) = calls

Follow(e) ==
  CASE e[1] = "Enter"    -> Enter(e[2])
    [] e[1] = "Refuse"   -> Refuse(e[2])
    [] e[1] = "Suspend"  -> Suspend(e[2])
    [] e[1] = "TurnAway" -> TurnAway(e[2])
    [] e[1] = "Take"     ->
         Take(e[2], e[3]) /\ batch[Head(forming)].calls = e[4] /\ Noticed = e[5]
    [] e[1] = "LookAway" -> LookAway(e[2], e[3]) /\ Noticed = e[4]
    [] e[1] = "Sift"     ->
         /\ pump[e[2]].taken # None
         /\ Sift(e[2], Range(batch[pump[e[2]].taken].calls) \ Range(e[3]))
         /\ batch'[pump[e[2]].taken].calls = e[3]
    [] e[1] = "Submit"   -> \E a \in Agents : Submit(a, e[2])
    [] e[1] = "Publish"  -> Publish(e[2])
    [] e[1] = "Land"     -> Land(e[2])
    [] e[1] = "Admit"    ->
         /\ IsHeadOfLine(e[3]) /\ Admit(e[2])
         /\ Len(suspended') = Len(suspended) - Len(e[3])
    [] e[1] = "Announce" -> Announce(e[2])
    [] e[1] = "Answer"   -> Answer(e[2], e[3]) /\ (call[e[3]].word = "cancelled") = e[4]
    [] e[1] = "Cancel"   -> Cancel(e[2])
    [] e[1] = "Read"     -> Read(e[2]) /\ call'[e[2]].read = e[3]
    [] e[1] = "ReadError" -> Read(e[2]) /\ call'[e[2]].read = "error"
    [] e[1] = "Finish"   ->
         /\ call[e[2]].batch # None /\ Head(batch[call[e[2]].batch].calls) = e[2]
         /\ Finish(call[e[2]].batch)
    [] e[1] = "Close"    -> Close
    [] e[1] = "Abandon"  -> Abandon
    [] e[1] = "CloseReturns" -> closed /\ IsDrained /\ UNCHANGED queueVars

TraceInit ==
  /\ QueueInit /\ which \in 1..Len(Traces) /\ done = 0
  /\ limit = [queue |-> Traces[which].queue, batch |-> Traces[which].batch,
              delays |-> Traces[which].delays]

Steps == Traces[which].steps

TraceNext ==
  \/ /\ done < Len(Steps)
     /\ Follow(Steps[done + 1])
     /\ done' = done + 1
     /\ UNCHANGED which
  \/ /\ done = Len(Steps)
     /\ UNCHANGED <<queueVars, which, done>>

TraceSpec == TraceInit /\ [][TraceNext]_<<queueVars, which, done>>

\* At the end of a run every call that entered has ended, and nothing is held.
TraceEnds ==
  done = Len(Steps) =>
    /\ IsDrained /\ suspended = <<>>
    /\ \A c \in Calls :
         /\ call[c].state = "entered" => call[c].word # "open"
         /\ call[c].sample = {}

\* For traces that were spoiled: none of them can be followed to its end.
NeverEnds == done < Len(Steps)
=============================================================================
