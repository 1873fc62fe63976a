import { CheckRealClient } from '@checkreality/sdk';
const client = new CheckRealClient({ apiKey: process.env.CHECKREAL_API_KEY });
const result = await client.analyze({
imageUrl: 'https://storage.example.com/photo.jpg',
referenceId: 'my-reference-123',
});
console.log(result.verdict.label); // 'AUTHENTIC' | 'AI_GENERATED' | 'MANIPULATED'
console.log(result.verdict.confidence); // 0.0 – 1.0
console.log(result.verdict.riskLevel); // 'LOW' | 'MEDIUM' | 'HIGH'
