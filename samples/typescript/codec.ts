// The codec of docs/payloads.md: seals what is sent, opens what is sealed, leaves the rest as it is.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const Inner = temporal.api.common.v1.Payload;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value?: Uint8Array | null) => new TextDecoder().decode(value ?? new Uint8Array());
const associated = (keyId: string) => bytes(`tousu-payload-1:${keyId}`);

export class TousuCodec implements PayloadCodec {
  private readonly keys = new Map<string, Buffer>();
  private readonly current: string;

  /** Takes a ring as `TOUSU_KEYS` has it; the first key seals, each opens. */
  constructor(ring: string) {
    for (const entry of ring.split(/[,\n]/).map((each) => each.trim()).filter(Boolean)) {
      const colon = entry.indexOf(':');
      this.keys.set(entry.slice(0, colon), Buffer.from(entry.slice(colon + 1), 'base64'));
    }
    const [first] = this.keys.keys();
    if (first === undefined) throw new Error('the ring holds no key');
    this.current = first;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.seal(payload, randomBytes(NONCE_BYTES)));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const keyId = text(payload.metadata?.['encryption-key-id']);
      if (text(payload.metadata?.encoding) === 'binary/encrypted') return this.open(keyId, payload.data);
      const sealed = payload.metadata?.sealed; // the text of an error that is not a refusal
      return sealed?.length ? this.open(keyId, sealed) : payload;
    });
  }

  seal(payload: Payload, nonce: Uint8Array): Payload {
    const cipher = createCipheriv('aes-256-gcm', this.key(this.current), nonce);
    cipher.setAAD(associated(this.current));
    const sealed = [nonce, cipher.update(Inner.encode(payload).finish()), cipher.final(), cipher.getAuthTag()];
    const metadata = { encoding: bytes('binary/encrypted'), 'encryption-key-id': bytes(this.current) };
    return { metadata, data: Buffer.concat(sealed) };
  }

  private open(keyId: string, data?: Uint8Array | null): Payload {
    const sealed = Buffer.from(data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', this.key(keyId), sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(associated(keyId));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = [decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Inner.decode(Buffer.concat(plain));
  }

  private key(keyId: string): Buffer {
    const key = this.keys.get(keyId);
    if (key === undefined) throw new Error(`no key ${keyId} in the ring`);
    return key;
  }
}
