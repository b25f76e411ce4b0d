import type { ComponentProps } from 'react'
import { TextField } from '../../../ui/field.tsx'

/** A field for the address of an account. */
export function EmailField(input: Omit<ComponentProps<typeof TextField>, 'label'>) {
  return (
    <TextField
      label="Email address"
      autoComplete="email"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...input}
    />
  )
}
