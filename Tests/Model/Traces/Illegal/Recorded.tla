------------------------------ MODULE Recorded ------------------------------
(* A recorded run that must be rejected: its fifteenth entry claims a slot   *)
(* that a batch in flight may still read.                                    *)

Traces == <<
  <<
    <<"Call", "a", 1>>, <<"Claim", "a", 1, 0>>, <<"MakeReady", "a", 1, 0>>,
    <<"Look", "a">>, <<"Lead", "a">>, <<"TakeBatch", "a", 0, 1>>,
    <<"Submit", "a", "dispatcher", FALSE>>, <<"StepDown", "a">>, <<"LookAway", "a">>,
    <<"Call", "b", 1>>, <<"Claim", "b", 1, 1>>, <<"MakeReady", "b", 1, 1>>, <<"Look", "b">>,
    <<"Call", "c", 1>>, <<"Claim", "c", 1, 0>>
  >>
>>
=============================================================================
