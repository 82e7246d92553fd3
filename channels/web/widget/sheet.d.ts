declare module 'sheet' {
  const text: string;
  export default text;
}
