import { cruise } from './cruise.ts'

const { status, output } = cruise(process.cwd(), 'err-long')
process.stdout.write(output)
process.exitCode = status
