# The base images are Ubuntu 24.04: there are no Debian images of .NET 10.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source
# The packages first: this layer changes only when the project files or lock files do.
COPY global.json Directory.* ./
COPY src/Directory.Build.props src/
COPY src/CaServer/CaServer.csproj src/CaServer/packages.lock.json src/CaServer/
COPY src/CaServer.Domain/CaServer.Domain.csproj src/CaServer.Domain/packages.lock.json src/CaServer.Domain/
COPY src/CaServer.Hsm/CaServer.Hsm.csproj src/CaServer.Hsm/packages.lock.json src/CaServer.Hsm/
COPY src/CaServer.Pki/CaServer.Pki.csproj src/CaServer.Pki/packages.lock.json src/CaServer.Pki/
COPY src/CaServer.Signing/CaServer.Signing.csproj src/CaServer.Signing/packages.lock.json src/CaServer.Signing/
COPY src/CaServer.Storage/CaServer.Storage.csproj src/CaServer.Storage/packages.lock.json src/CaServer.Storage/
COPY src/CaServer.Validation/CaServer.Validation.csproj src/CaServer.Validation/packages.lock.json src/CaServer.Validation/
RUN dotnet restore --locked-mode src/CaServer/CaServer.csproj
COPY .editorconfig BannedSymbols.txt ./
COPY src/ src/
RUN dotnet publish src/CaServer/CaServer.csproj --no-restore -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends softhsm2 publicsuffix \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o "$APP_UID" -g "$APP_UID" -m 0700 /data
COPY --from=build /app /app
# Inside the container only its own network sees these; what is published is the caller's choice.
# The base image names a port for ASP.NET; this server has settings of its own.
ENV ASPNETCORE_HTTP_PORTS= \
    CASERVER_Data__Directory=/data \
    CASERVER_Server__HttpsListen=0.0.0.0:8443 \
    CASERVER_Server__HttpListen=0.0.0.0:8080
WORKDIR /data
USER $APP_UID
VOLUME /data
EXPOSE 8443 8080
STOPSIGNAL SIGTERM
# bash speaks HTTP well enough; the image has no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/app/caserver", "serve"]
