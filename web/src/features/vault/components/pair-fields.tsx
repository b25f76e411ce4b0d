import { type ClipboardEvent, useState } from 'react'
import { TextField } from '../../../ui/field.tsx'
import { ForeignSecretField } from '../../../ui/password-field.tsx'
import { type KeyPair, pastedPair } from '../pasted-pair.ts'

interface PairFieldsProps {
  readonly pair: KeyPair
  onChange(pair: KeyPair): void
  errorOf(field: string): string | undefined
}

const LONGEST = 512

/** The two halves of a key. Both may be pasted at once into either field. */
export function PairFields({ pair, onChange, errorOf }: PairFieldsProps) {
  const [wasSplit, setWasSplit] = useState(false)
  const paste = (event: ClipboardEvent) => {
    const pasted = pastedPair(event.clipboardData.getData('text'))
    setWasSplit(pasted !== undefined)
    if (pasted === undefined) return
    event.preventDefault()
    onChange(pasted)
  }
  return (
    <>
      <TextField
        label="Key"
        hint="Your broker calls it the key ID. You may paste the key and its secret together."
        name="api_key"
        required
        maxLength={LONGEST}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={pair.apiKey}
        onChange={(event) => onChange({ ...pair, apiKey: event.target.value })}
        onPaste={paste}
        error={errorOf('api_key')}
      />
      <ForeignSecretField
        label="Secret"
        name="secret_key"
        required
        maxLength={LONGEST}
        value={pair.secretKey}
        onChange={(event) => onChange({ ...pair, secretKey: event.target.value })}
        onPaste={paste}
        error={errorOf('secret_key')}
      />
      <p role="status" className="text-sm text-ink-soft empty:hidden">
        {wasSplit && 'The key and its secret were both filled in from what you pasted.'}
      </p>
    </>
  )
}

/** No pair yet. */
export const noPair: KeyPair = { apiKey: '', secretKey: '' }

/** A pair as it is sent: without the spaces that were copied along. */
export function trimmedPair({ apiKey, secretKey }: KeyPair): KeyPair {
  return { apiKey: apiKey.trim(), secretKey: secretKey.trim() }
}
