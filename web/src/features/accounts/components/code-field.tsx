import type { ComponentPropsWithRef } from 'react'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'

/** Where a code comes from: the authenticator app, or the printed list that stands in for it. */
export type CodeKind = 'app' | 'backup'

const TEXT = {
  app: { label: 'Code from your authenticator app', hint: 'Six digits; a new code comes every 30 seconds.' },
  backup: { label: 'Backup code', hint: 'One of the ten that you kept; each works once.' },
} as const

/** A field for a second factor. */
export function CodeField({ kind, ...input }: { readonly kind: CodeKind } & ComponentPropsWithRef<'input'>) {
  const { label, hint } = TEXT[kind]
  const isApp = kind === 'app'
  return (
    <TextField
      label={label}
      hint={hint}
      autoComplete={isApp ? 'one-time-code' : 'off'}
      inputMode={isApp ? 'numeric' : 'text'}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      required
      {...input}
    />
  )
}

interface OtherCodeButtonProps {
  readonly kind: CodeKind
  onChange(kind: CodeKind): void
}

/** Asks for a code of the other kind. */
export function OtherCodeButton({ kind, onChange }: OtherCodeButtonProps) {
  const [other, words] =
    kind === 'app'
      ? (['backup', 'Use a backup code'] as const)
      : (['app', 'Use the authenticator app'] as const)
  return (
    <Button kind="quiet" isSmall onClick={() => onChange(other)}>
      {words}
    </Button>
  )
}
