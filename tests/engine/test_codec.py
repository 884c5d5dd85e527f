"""The codec: what it seals opens again, with its own key only, unchanged only."""

import pytest
from temporalio.api.common.v1 import Payload

from engine.codec import EncryptionCodec
from engine.errors import DamagedPayload, UnknownPayloadKey
from engine.keys import KeyRing, new_key

PLAIN = Payload(metadata={"encoding": b"json/plain", "messageType": b"X"}, data='"张三投诉"'.encode())


def ring(*entries: str) -> KeyRing:
    return KeyRing.parse(",".join(entries), source="the test")


async def test_a_payload_comes_back_with_its_metadata(keys: KeyRing) -> None:
    """Data and metadata survive the round trip."""
    codec = EncryptionCodec(keys)
    assert await codec.decode(await codec.encode([PLAIN, Payload()])) == [PLAIN, Payload()]


def test_outside_one_sees_the_key_id_and_nothing_else(keys: KeyRing) -> None:
    """Encoding and key id are readable; the data and the inner metadata are not."""
    sealed = EncryptionCodec(keys).encrypt(PLAIN)
    assert dict(sealed.metadata) == {"encoding": b"binary/encrypted", "encryption-key-id": keys.current.encode()}
    assert "张三".encode() not in sealed.data
    assert b"json/plain" not in sealed.data


def test_the_same_payload_is_never_sealed_twice_alike(keys: KeyRing) -> None:
    """Each time has its own nonce, so equal complaints do not look equal."""
    codec = EncryptionCodec(keys)
    assert codec.encrypt(PLAIN).data[:12] != codec.encrypt(PLAIN).data[:12]


def test_after_rotation_old_payloads_open_and_new_ones_use_the_new_key() -> None:
    """The new key stands in front, the old one stays for reading."""
    old, new = new_key(), new_key()
    sealed_before = EncryptionCodec(ring(old)).encrypt(PLAIN)
    codec = EncryptionCodec(ring(new, old))
    assert codec.decrypt(sealed_before) == PLAIN
    assert codec.encrypt(PLAIN).metadata["encryption-key-id"] == new.partition(":")[0].encode()


def test_a_payload_of_an_unknown_key_is_named_by_its_key_only() -> None:
    """The message has the key id and the remedy."""
    sealed = EncryptionCodec(ring(new_key())).encrypt(PLAIN)
    key_id = sealed.metadata["encryption-key-id"].decode()
    with pytest.raises(UnknownPayloadKey) as caught:
        EncryptionCodec(ring(new_key())).decrypt(sealed)
    assert str(caught.value) == (
        f"a payload was encrypted with key '{key_id}', which is not in the ring; add it to TOUSU_KEYS"
    )


@pytest.mark.parametrize("place", [0, 11, 12, -1], ids=["nonce", "nonce end", "first byte", "tag"])
def test_one_changed_bit_is_noticed(keys: KeyRing, place: int) -> None:
    """Nothing that was tampered with is decoded."""
    codec = EncryptionCodec(keys)
    sealed = codec.encrypt(PLAIN)
    data = bytearray(sealed.data)
    data[place] ^= 1
    with pytest.raises(DamagedPayload, match="does not open with its key"):
        codec.decrypt(Payload(metadata=sealed.metadata, data=bytes(data)))


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_a_payload_cut_short_is_noticed(keys: KeyRing, length: int) -> None:
    """Also an empty one, and one with a nonce only."""
    codec = EncryptionCodec(keys)
    sealed = codec.encrypt(PLAIN)
    with pytest.raises(DamagedPayload):
        codec.decrypt(Payload(metadata=sealed.metadata, data=sealed.data[:length]))


def test_a_payload_is_bound_to_its_key_id() -> None:
    """Even when two ids carry the same key, one cannot be passed off as the other."""
    key = new_key().partition(":")[2]
    codec = EncryptionCodec(ring(f"a:{key}", f"b:{key}"))
    sealed = codec.encrypt(PLAIN)
    relabelled = Payload(metadata={**sealed.metadata, "encryption-key-id": b"b"}, data=sealed.data)
    with pytest.raises(DamagedPayload):
        codec.decrypt(relabelled)


def test_a_key_id_that_is_no_text_is_unknown_rather_than_a_crash(keys: KeyRing) -> None:
    """Whatever bytes stand there, the answer has its stable type and prints safely."""
    sealed = Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"\xff\n"}, data=b"")
    with pytest.raises(UnknownPayloadKey) as caught:
        EncryptionCodec(keys).decrypt(sealed)
    assert "\n" not in str(caught.value)


def test_a_plain_payload_of_a_client_without_codec_is_read_as_it_is(keys: KeyRing) -> None:
    """A case that such a client opened goes on; refusing would not unwrite its history."""
    assert EncryptionCodec(keys).decrypt(PLAIN) == PLAIN
