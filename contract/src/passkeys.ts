import { Type } from 'typebox'
import { accountLimits, sessionHeaders, token } from './accounts.ts'
import { instant, listQueryWith, nullable, pageOf, record, singleLine, success, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'

const base64url = (max: number) =>
  Type.String({ minLength: 1, maxLength: max, pattern: '^[A-Za-z0-9_-]+$', 'x-refusal': 'must be base64url' })

const credentialFields = {
  id: base64url(2_048),
  rawId: base64url(2_048),
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(nullable(Type.String({ maxLength: 32 }))),
  clientExtensionResults: Type.Optional(Type.Object({})),
}

/** What `navigator.credentials.create()` gives, as `PublicKeyCredential.toJSON()` writes it; WebAuthn Level 3, 5.1. */
export const passkeyRegistration = Type.Object(
  {
    ...credentialFields,
    response: Type.Object({
      clientDataJSON: base64url(8_192),
      attestationObject: base64url(8_192),
      transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 10 })),
    }),
  },
  { title: 'PasskeyRegistration' },
)

/** What `navigator.credentials.get()` gives, as `PublicKeyCredential.toJSON()` writes it. */
export const passkeyAssertion = Type.Object(
  {
    ...credentialFields,
    response: Type.Object({
      clientDataJSON: base64url(8_192),
      authenticatorData: base64url(8_192),
      signature: base64url(8_192),
      userHandle: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
    }),
  },
  { title: 'PasskeyAssertion' },
)

const credentialRef = Type.Object({
  id: Type.String(),
  type: Type.Literal('public-key'),
  transports: Type.Optional(Type.Array(Type.String())),
})

/** For `navigator.credentials.create()`, in the form `PublicKeyCredential.parseCreationOptionsFromJSON()` reads. */
const creationOptions = Type.Object(
  {
    challenge: Type.String(),
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    pubKeyCredParams: Type.Array(Type.Object({ type: Type.Literal('public-key'), alg: Type.Integer() })),
    timeout: Type.Integer(),
    attestation: Type.String(),
    authenticatorSelection: Type.Object({ residentKey: Type.String(), userVerification: Type.String() }),
    excludeCredentials: Type.Array(credentialRef),
  },
  { title: 'PasskeyCreationOptions' },
)

/** For `navigator.credentials.get()`, in the form `PublicKeyCredential.parseRequestOptionsFromJSON()` reads. */
const requestOptions = Type.Object(
  {
    challenge: Type.String(),
    rpId: Type.String(),
    timeout: Type.Integer(),
    userVerification: Type.String(),
    allowCredentials: Type.Array(credentialRef),
  },
  { title: 'PasskeyRequestOptions' },
)

const name = singleLine({ min: 1, max: accountLimits.passkeyName })

/** A passkey as its owner sees it. */
export const passkey = record('Passkey', {
  name: Type.String(),
  is_backed_up: Type.Boolean({ description: 'Whether it is synchronised between devices.' }),
  last_used_at: nullable(instant),
  is_flagged: Type.Boolean({ description: 'Whether its counter went backwards, a sign that it was copied.' }),
})

/** Passkeys: adding and naming them, and signing in with them. */
export const passkeysContract = defineContract({
  passkeyOptions: {
    method: 'POST',
    path: '/auth/passkeys/options',
    summary: 'Begin to add a passkey',
    responses: { 200: creationOptions },
    errors: ['accounts.too_many_passkeys'],
  },
  addPasskey: {
    method: 'POST',
    path: '/auth/passkeys',
    summary: 'Add the passkey that the browser made',
    body: Type.Object({ name, credential: passkeyRegistration }),
    responses: { 201: passkey },
    errors: ['accounts.passkey_refused', 'accounts.too_many_passkeys'],
  },
  listPasskeys: {
    method: 'GET',
    path: '/auth/passkeys',
    summary: 'List your passkeys, the oldest first',
    query: listQueryWith({}),
    responses: { 200: pageOf(passkey) },
    errors: ['accounts.cursor_invalid'],
  },
  renamePasskey: {
    method: 'PATCH',
    path: '/auth/passkeys/{id}',
    summary: 'Rename a passkey',
    params: Type.Object({ id: uuid }),
    body: Type.Object({ name }),
    responses: { 200: passkey },
    errors: ['accounts.passkey_not_found'],
  },
  removePasskey: {
    method: 'DELETE',
    path: '/auth/passkeys/{id}',
    summary: 'Remove a passkey',
    params: Type.Object({ id: uuid }),
    responses: { 200: success },
    errors: ['accounts.passkey_not_found', 'accounts.last_passkey', 'accounts.refresh_invalid'],
  },
  passkeyLoginOptions: {
    method: 'POST',
    path: '/auth/passkeys/login/options',
    summary: 'Begin to sign in with a passkey, or to prove again that it is you',
    responses: { 200: requestOptions },
    errors: [],
  },
  passkeyLogin: {
    method: 'POST',
    path: '/auth/passkeys/login',
    summary: 'Sign in with a passkey',
    headers: sessionHeaders,
    body: Type.Object({ credential: passkeyAssertion }),
    responses: { 200: token },
    errors: ['accounts.passkey_incorrect'],
  },
})
