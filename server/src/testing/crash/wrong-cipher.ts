import crypto, { type CipherGCMOptions, type CipherKey } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Loaded before a program: its cipher then takes another nonce than it was given. Whatever that seals it opens, so no proof
 * that a program made itself would tell.
 */
const { createCipheriv, createDecipheriv } = crypto

type Given = [name: string, key: CipherKey, nonce: Uint8Array, options: CipherGCMOptions]

const another = (nonce: Uint8Array): Uint8Array => nonce.map((byte) => byte ^ 1)

Object.assign(crypto, {
  createCipheriv: (...[, key, nonce, options]: Given) =>
    createCipheriv('aes-256-gcm', key, another(nonce), options),
  createDecipheriv: (...[, key, nonce, options]: Given) =>
    createDecipheriv('aes-256-gcm', key, another(nonce), options),
})
syncBuiltinESMExports()
