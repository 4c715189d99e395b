"""The protocol's limits that clients must respect. Sizes are in UTF-8 bytes."""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB

PROTOCOL_VERSION = 1

TURNS_PER_BATCH = 256
JSON_DEPTH = 64
KEYS_PER_TURN = 2_000
MAX_TURN_BYTES = 4 * MIB
INTENT_BYTES = 64 * KIB
#: Every server accepts an intent of this size. Older servers refuse longer intents.
SAFE_INTENT_BYTES = 4 * KIB
WORDS_BYTES = 4 * KIB
SUMMARY_BYTES = 16 * KIB
OUTCOME_BYTES = 64 * KIB
NAME_BYTES = 256
LABELS = 32
LABEL_BYTES = 256
RUN_ID_CHARS = 128
IDEMPOTENCY_KEY_CHARS = 256
MIN_GRACE_MS = 1_000
MAX_GRACE_MS = 86_400_000
CLIENT_ID_CHARS = 128
PROGRESS_TEXT_BYTES = 16 * KIB

TURN_KINDS = ("model", "tool", "agent", "human", "system")
OUTCOME_STATUSES = ("success", "partial_success", "give_up", "timeout", "failure", "done")
WAITING_KINDS = ("approval", "answer", "prompt", "other")
