"""A record as a chat: who is trained speaks as ``assistant``, everyone else as ``user``.

Three rules hold for every chat that leaves this room. No turn is dropped. User and assistant
alternate strictly and the user begins (two turns of one side in a row become one message). And the
reader of the chat sees the problem, but never what a role knew in private: chats are built from the
public turns and the question alone, not from :class:`~datawell.core.records.View`, so neither the
gold solution nor a role's system message can come along.
"""

from __future__ import annotations

from pydantic import field_validator

from datawell.core.errors import GuardFailed
from datawell.core.params import Params
from datawell.core.records import Message, Record

QUESTION = "{question}"


class ChatParams(Params):
    """What turns a record into a chat; shared by every exporter that writes chats."""

    trained_role: str = "tutor"
    """The role the student learns to play: it becomes `assistant`, all others `user`."""
    opener: str = "Please help me with this problem: {question}"
    """What the user says first when the trained role opens the conversation, or when nobody has
    stated the problem. `{question}` stands for the problem of the row's plan."""
    system: str | None = None
    """A system message for every chat, or none. It is constant, so it can leak no solution."""
    instruction: str = "Tell me a story."
    """What the user asks when the row is a plain text without a prompt of its own."""

    @field_validator("opener", "system", "instruction", "trained_role")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be blank")
        return value


def chat(record: Record, params: ChatParams) -> list[Message]:
    """The chat a record is: strictly alternating, user first, with the optional system message.

    Raises:
        GuardFailed: nobody plays the trained role, or the opener needs a question there is not.
    """
    system: list[Message] = []
    if params.system is not None:
        system.append({"role": "system", "content": params.system})
    if record.turns:
        return system + _dialogue(record, params)
    ask = record.prompt or params.instruction
    return [
        *system,
        {"role": "user", "content": ask},
        {"role": "assistant", "content": record.text},
    ]


def _dialogue(record: Record, params: ChatParams) -> list[Message]:
    roles = list(dict.fromkeys(turn.role for turn in record.turns))
    if params.trained_role not in roles:
        raise GuardFailed(
            f"row {record.id}: nobody plays the trained role {params.trained_role!r}",
            hint=f"set trained_role to one of: {', '.join(roles)}",
        )
    messages: list[Message] = []
    for turn in record.turns:
        role: Message = {
            "role": "assistant" if turn.role == params.trained_role else "user",
            "content": turn.text,
        }
        _append(messages, role)
    question = record.plan.get("question")
    if messages[0]["role"] == "assistant":
        opener: Message = {"role": "user", "content": _opening(record, params, question)}
        return [opener, *messages]
    if isinstance(question, str) and _flat(question) not in _flat(messages[0]["content"]):
        stated = f"{_opening(record, params, question)}\n\n{messages[0]['content']}"
        return [{"role": "user", "content": stated}, *messages[1:]]
    return messages


def _append(messages: list[Message], message: Message) -> None:
    """Add a message; one that continues the last speaker's side joins it."""
    if messages and messages[-1]["role"] == message["role"]:
        last = messages.pop()
        joined = f"{last['content']}\n\n{message['content']}"
        message = {"role": message["role"], "content": joined}
    messages.append(message)


def _opening(record: Record, params: ChatParams, question: object) -> str:
    if QUESTION not in params.opener:
        return params.opener
    if not isinstance(question, str) or not question.strip():
        raise GuardFailed(
            f"row {record.id}: the opener names {QUESTION}, but the row's plan has no question",
            hint="set an opener without it",
        )
    return params.opener.replace(QUESTION, question)


def _flat(text: str) -> str:
    return " ".join(text.split())
