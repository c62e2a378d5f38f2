------------------------------ MODULE Recorded ------------------------------
(* Examples of recorded runs that are behaviours of Coalescer: a ring of two *)
(* slots, batches of up to two.                                              *)

Traces == <<
  \* A lone caller leads, and waits inline.
  <<
    <<"Call", "a", 1>>, <<"Claim", "a", 1, 0>>, <<"MakeReady", "a", 1, 0>>,
    <<"Look", "a">>, <<"Lead", "a">>, <<"TakeBatch", "a", 0, 1>>, <<"Submit", "a", "a", FALSE>>,
    <<"StepDown", "a">>, <<"LookAway", "a">>,
    <<"Complete", 0, FALSE>>, <<"Finish", "a", 0>>, <<"LookAway", "a">>,
    <<"Resume", "a", "a", 1, "value">>, <<"Read", "a", 1>>
  >>,
  \* Two callers share a batch and one of them is cancelled; a third is suspended and admitted,
  \* and its batch fails.
  <<
    <<"Call", "a", 1>>, <<"Claim", "a", 1, 0>>,
    <<"Call", "b", 1>>, <<"Claim", "b", 1, 1>>, <<"MakeReady", "b", 1, 1>>, <<"LookAway", "b">>,
    <<"Call", "c", 1>>, <<"Suspend", "c", 1>>,
    <<"MakeReady", "a", 1, 0>>, <<"Look", "a">>, <<"Lead", "a">>, <<"TakeBatch", "a", 0, 2>>,
    <<"Submit", "a", "dispatcher", FALSE>>, <<"StepDown", "a">>, <<"LookAway", "a">>,
    <<"Cancel", "b", 1>>,
    <<"Complete", 0, FALSE>>, <<"Finish", "dispatcher", 0>>,
    <<"Admit", "dispatcher", "c", 1, 0>>,
    <<"Look", "dispatcher">>, <<"Lead", "dispatcher">>, <<"TakeBatch", "dispatcher", 0, 1>>,
    <<"Submit", "dispatcher", "dispatcher", FALSE>>, <<"StepDown", "dispatcher">>,
    <<"LookAway", "dispatcher">>,
    <<"Resume", "dispatcher", "a", 1, "value">>, <<"Resume", "dispatcher", "b", 1, "none">>,
    <<"Read", "a", 1>>,
    <<"Complete", 0, TRUE>>, <<"Finish", "dispatcher", 0>>, <<"LookAway", "dispatcher">>,
    <<"Resume", "dispatcher", "c", 1, "batchFailed">>
  >>
>>
=============================================================================
