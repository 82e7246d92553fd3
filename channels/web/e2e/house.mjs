// The test server, and a wire to it that can be cut.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { tmpdir } from 'node:os';

const onki = process.env.ONKI || new URL('./artifacts/onki', import.meta.url).pathname;
const program = new URL('./artifacts/server', import.meta.url).pathname;

export function serve(...args) {
  const p = spawn(program, ['-addr', '127.0.0.1:0', ...args], { cwd: new URL('.', import.meta.url).pathname, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    p.once('exit', (code) => reject(new Error('the test server ended with ' + code)));
    p.stdout.once('data', (line) => {
      const port = /:(\d+)\s*$/.exec(String(line).trim())[1];
      resolve({ url: 'http://127.0.0.1:' + port, port: Number(port), kill: (signal = 'SIGKILL') => p.kill(signal), process: p });
    });
  });
}

/** real starts `onki serve` itself; ONKI names another program than the built
 * one. */
export function real(ledger, port = 0, brand = 'shop') {
  const p = spawn(onki, ['serve', '--addr', '127.0.0.1:' + port, '--brand', brand, '--ledger', ledger], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (text) => {
      said += text;
      const m = /http:\/\/[\w.]+:(\d+)/.exec(said);
      if (m) resolve({ url: m[0], port: Number(m[1]), kill: (signal = 'SIGKILL') => p.kill(signal), process: p });
    };
    p.stdout.on('data', hear);
    p.stderr.on('data', hear);
    p.once('exit', (code) => reject(new Error('onki serve ended with ' + code + ': ' + said)));
  });
}

/** wire forwards to the server's port until it is cut; it can be mended, also
 * to another server. */
export async function wire(target) {
  let to = target;
  let open = true;
  const sockets = new Set();
  const server = net.createServer((a) => {
    if (!open) return a.destroy();
    const b = net.connect(to, '127.0.0.1');
    for (const s of [a, b]) {
      sockets.add(s);
      s.on('error', () => s.destroy());
      s.on('close', () => (sockets.delete(s), a.destroy(), b.destroy()));
    }
    a.pipe(b);
    b.pipe(a);
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  return {
    url: 'http://127.0.0.1:' + server.address().port,
    drop: () => sockets.forEach((s) => s.destroy()),
    cut: () => ((open = false), sockets.forEach((s) => s.destroy())),
    mend: (port = to) => ((to = port), (open = true)),
    close: () => (server.close(), sockets.forEach((s) => s.destroy())),
  };
}
