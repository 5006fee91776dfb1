"""What a relay's words of refusal say about the address and about who sends. Pure: speaks to no relay."""

import re

# RFC 3463 3.8: X.7.z is about what is permitted to whom. Old relays say it in words alone.
_POLICY = re.compile(r"\b5\.7\.\d{1,3}\b")
_POLICY_WORDS = re.compile(
    r"relay|sender|authenti|log ?in|policy|spam|block|denied|(un)?authori[sz]ed|permitted|verif|reputation|rcpthosts|"
    r"prohibit|quota|rate|limit|too many|helo|listed|account|suspend|paused|credit",
    re.IGNORECASE,
)
# What relays without enhanced codes say of an address that does not exist.
_DEAD_WORDS = re.compile(
    r"no such|unknown|(does not|doesn't|do not) exist|not found|no mailbox|invalid (recipient|mailbox|user|address)|"
    r"not a (valid|known)|unrout(e)?able|no longer",
    re.IGNORECASE,
)
# RFC 3463 3.2: X.1.z is about the address; of these only the ones that say it does not exist.
_DEAD_ADDRESS = re.compile(r"\b5\.1\.(1|2|3|6|10)\b")
_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")


def address_is_dead(code: int, reply: str) -> bool:
    """Tell whether a refusal of the recipient says that the address does not exist.

    A full mailbox or a policy says nothing about the address. Without an enhanced code the number says too little
    (RFC 5321 4.2.2 gives 550 to both), so the words decide, and silence is no verdict.
    """
    if _ENHANCED.search(reply):
        return bool(_DEAD_ADDRESS.search(reply))
    return code in {550, 551, 553} and bool(_DEAD_WORDS.search(reply)) and not _POLICY_WORDS.search(reply)


def is_policy(code: int, reply: str) -> bool:
    """Tell whether a refusal after MAIL is about who sends: many a relay says so only here.

    A relay that wants a login first (RFC 4954 6: 530), another network or a paid bill refuses every lead alike.
    """
    if _ENHANCED.search(reply):
        return bool(_POLICY.search(reply))
    return code == 530 or bool(_POLICY_WORDS.search(reply))
