import { type ConnectionOptions, connect } from 'node:tls';

/**
 * Opens a TLS connection and says whether the server took it. In TLS 1.3 a server refuses a client's certificate after the
 * client believes the handshake done, so this waits for the server's own word.
 */
export function handshake(port: number, options: ConnectionOptions): Promise<'open' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'], ...options });
    const end = (outcome: 'open' | 'refused') => {
      resolve(outcome);
      socket.destroy();
    };
    socket.once('data', () => end('open')); // the server's HTTP/2 SETTINGS
    socket.once('error', () => end('refused'));
    socket.once('close', () => end('refused'));
  });
}
