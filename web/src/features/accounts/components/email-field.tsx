import type { ComponentProps } from 'react'
import { TextField } from '../../../ui/field.tsx'

/** A field for the address of an account. */
export function EmailField({ label = 'Email address', ...input }: Partial<ComponentProps<typeof TextField>>) {
  return (
    <TextField
      label={label}
      autoComplete="email"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...input}
    />
  )
}
