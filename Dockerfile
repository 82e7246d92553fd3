# Onki is one static binary. Build: docker build -t onki .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /onki ./cmd/onki
RUN mkdir /data && chown 65532:65532 /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /onki /onki
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /data
EXPOSE 8080
ENTRYPOINT ["/onki"]
CMD ["serve", "--addr", "0.0.0.0:8080"]
