------------------------------- MODULE Trace -------------------------------
(* Replays recorded runs of the Swift code against the steps of Coalescer.   *)
(*                                                                           *)
(* The generated module Recorded defines Traces, a sequence of traces. A     *)
(* trace is a sequence of entries, each the name of an action and its        *)
(* arguments:                                                                *)
(*                                                                           *)
(*   <<"Call", caller, number>>              <<"Admit", agent, caller, number, slot>> *)
(*   <<"Claim", caller, number, slot>>       <<"Look", agent>>               *)
(*   <<"MakeReady", caller, number, slot>>   <<"LookAway", agent>>           *)
(*   <<"Suspend", caller, number>>           <<"Lead", agent>>               *)
(*   <<"Refuse", caller, number>>            <<"Yield", agent>>              *)
(*   <<"TurnAway", caller, number>>          <<"TakeBatch", agent, slot, n>> *)
(*   <<"Withdraw", caller, number>>          <<"TakeNothing", agent>>        *)
(*   <<"Cancel", caller, number>>            <<"Submit", agent, owner, fails>> *)
(*   <<"Read", caller, number>>              <<"StepDown", agent>>           *)
(*   <<"Shutdown">>                          <<"Nudge", agent>>  <<"Wake">>  *)
(*   <<"Evict", caller, number>>             <<"HandOver", agent>>           *)
(*   <<"ShutdownReturns">>                   <<"Complete", slot, fails>>     *)
(*                                           <<"Finish", agent, slot>>       *)
(*                    <<"Resume", agent, caller, number, answer>>            *)
(*                                                                           *)
(* Callers are strings, as is the dispatcher. A batch is named by its first  *)
(* slot. `answer` is what the caller was told, "none" if it was cancelled.   *)
(*                                                                           *)
(* A trace that is not a behaviour of Coalescer ends in a deadlock: `which`  *)
(* says the trace, and the entry after `done` cannot be.                     *)
EXTENDS Coalescer, Recorded

VARIABLES which, done

Of(slotNumber) ==
  CHOOSE b \in Range(inFlight) : batch[b].slots[1] = slotNumber

\* A batch is in flight whose first slot is this one.
IsInFlight(slotNumber) == \E b \in Range(inFlight) : batch[b].slots[1] = slotNumber

Follow(e) ==
  CASE e[1] = "Call"      -> Call(e[2], <<e[2], e[3]>>)
    [] e[1] = "Claim"     -> Claim(e[2], <<e[2], e[3]>>, e[4])
    [] e[1] = "MakeReady" -> MakeReady(e[2], <<e[2], e[3]>>, e[4])
    [] e[1] = "Suspend"   -> Suspend(e[2], <<e[2], e[3]>>)
    [] e[1] = "Refuse"    -> Refuse(e[2], <<e[2], e[3]>>)
    [] e[1] = "TurnAway"  -> TurnAway(e[2], <<e[2], e[3]>>)
    [] e[1] = "Withdraw"  -> Withdraw(e[2], <<e[2], e[3]>>)
    [] e[1] = "Cancel"    -> Cancel(<<e[2], e[3]>>)
    [] e[1] = "Read"      -> Read(e[2], <<e[2], e[3]>>)
    [] e[1] = "Admit"     -> Admit(e[2], <<e[3], e[4]>>, e[5])
    [] e[1] = "Look"      -> Look(e[2])
    [] e[1] = "LookAway"  -> LookAway(e[2])
    [] e[1] = "Lead"      -> Lead(e[2])
    [] e[1] = "Yield"     -> Yield(e[2])
    [] e[1] = "TakeBatch" -> e[3] = head /\ \E b \in Batches : TakeBatch(e[2], b, e[4])
    [] e[1] = "TakeNothing" -> TakeNothing(e[2])
    [] e[1] = "Submit"    -> taking[e[2]] # None /\ Submit(e[2], taking[e[2]], e[3], e[4])
    [] e[1] = "StepDown"  -> StepDown(e[2])
    [] e[1] = "Nudge"     -> Nudge(e[2])
    [] e[1] = "Wake"      -> Wake
    [] e[1] = "HandOver"  -> inline[e[2]] # None /\ HandOver(e[2], inline[e[2]])
    [] e[1] = "Complete"  -> IsInFlight(e[2]) /\ Complete(Of(e[2]), e[3])
    [] e[1] = "Finish"    -> IsInFlight(e[3]) /\ Finish(e[2], Of(e[3]))
    [] e[1] = "Resume"    ->
         /\ finishing[e[2]] # None /\ Resume(e[2], finishing[e[2]], <<e[3], e[4]>>)
         /\ IF e[5] = "none" THEN UNCHANGED answer ELSE answer'[<<e[3], e[4]>>] = e[5]
    [] e[1] = "Shutdown"  -> Shutdown
    [] e[1] = "Evict"     -> Evict(<<e[2], e[3]>>)
    [] e[1] = "ShutdownReturns" -> ShutdownReturns

TraceInit == Init /\ which \in 1..Len(Traces) /\ done = 0

TraceNext ==
  \/ /\ done < Len(Traces[which])
     /\ Follow(Traces[which][done + 1])
     /\ done' = done + 1
     /\ UNCHANGED which
  \/ /\ done = Len(Traces[which])
     /\ UNCHANGED <<vars, which, done>>

TraceSpec == TraceInit /\ [][TraceNext]_<<vars, which, done>>

\* At the end of a run nobody waits and nothing is held.
TraceEnds ==
  done = Len(Traces[which]) =>
    /\ \A c \in Calls : state[c] # "waiting" /\ part[c] = None
    /\ \A a \in Agents : step[a] = "idle"
    /\ \A b \in Batches : batch[b] = NoBatch
=============================================================================
