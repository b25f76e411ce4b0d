// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { ForeignSecretField, PasswordField } from './password-field.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const MASK = '[-webkit-text-security:disc]'
const field = () => {
  const input = screen.getByLabelText('Secret')
  return {
    type: input.getAttribute('type'),
    autoComplete: input.getAttribute('autocomplete'),
    isMasked: input.classList.contains(MASK),
  }
}
const show = () => fireEvent.click(screen.getByRole('button', { name: 'Show what was typed' }))
const hide = () => fireEvent.click(screen.getByRole('button', { name: 'Hide what was typed' }))
const supports = (isSupported: boolean) => vi.stubGlobal('CSS', { supports: () => isSupported })

it('is a password for a password of this site', () => {
  render(<PasswordField label="Secret" autoComplete="current-password" />)
  expect(field()).toEqual({ type: 'password', autoComplete: 'current-password', isMasked: false })
  show()
  expect(field().type).toBe('text')
})

it('is no password for a secret of another site, but as hard to read', () => {
  supports(true)
  render(<ForeignSecretField label="Secret" />)
  expect(field()).toEqual({ type: 'text', autoComplete: 'off', isMasked: true })
  const { dataset } = screen.getByLabelText('Secret')
  expect(dataset).toMatchObject({ '1pIgnore': 'true', lpignore: 'true', bwignore: 'true', formType: 'other' })
  show()
  expect(field()).toEqual({ type: 'text', autoComplete: 'off', isMasked: false })
  hide()
  expect(field().isMasked).toBe(true)
})

it('is a password all the same where a browser can hide nothing else', () => {
  supports(false)
  render(<ForeignSecretField label="Secret" />)
  expect(field()).toEqual({ type: 'password', autoComplete: 'new-password', isMasked: false })
})
